import { sortedBy } from '../base/order.ts';
import type { Alternatives } from '../control/relation.ts';
import { triggersOf } from './database.ts';
import type { Package } from './package.ts';
import { USERS } from './types.ts';

/** One thing that configure.sh is told to do, as `word=value`. */
export type ConfigureStep =
  | `locale=${string}` // begun at once, beside everything else
  | 'no-manual-index'
  | `preinst=${string}`
  | `trigger=${string}`
  | `configure=${string}`
  | `unpack=${string}`
  | 'configure-all'
  | `user=${string}`;

/** Where the container has the .deb of a package that dpkg unpacks. */
export const WORK = '/var/tmp/twinbuild';

type Settings = { readonly locale: string | undefined; readonly manualIndex: boolean };

/** What configures the base, in order: preinst scripts that are not known to do nothing, everything, and the builds' own users. */
export function baseSteps(
  of: Settings & { readonly base: readonly Package[]; readonly preinsts: readonly Package[] },
): readonly ConfigureStep[] {
  const acting = new Set(of.preinsts);
  const preinsts = inOrder(of.base, providersOf(of.base)).filter((each) => acting.has(each));
  return [
    ...preludeOf(of),
    ...preinsts.map((each): ConfigureStep => `preinst=${each.fullName}:${each.locked.architecture}`),
    'configure-all',
    ...Object.values(USERS).map(({ name, uid, gid }): ConfigureStep => `user=${name}:${uid}:${gid}`),
  ];
}

/**
 * What configures the packages that are built with, on a base that is configured: what that base wants to hear of; for each package that
 * dpkg has to unpack, its Pre-Depends (Policy 7.2) and then itself; then everything.
 */
export function buildSteps(
  of: Settings & {
    readonly base: readonly Package[];
    readonly build: readonly Package[];
    readonly early: readonly Package[];
    readonly late: readonly Package[];
  },
): readonly ConfigureStep[] {
  const providers = providersOf([...of.base, ...of.build]);
  const steps: ConfigureStep[] = [...preludeOf(of), ...activatedBy(of.early, of.base).map((path): ConfigureStep => `trigger=${path}`)];
  const done = new Set(of.base);
  const unpacked = new Set<Package>();
  const unpack = (each: Package): void => {
    if (unpacked.has(each)) return;
    unpacked.add(each); // before its Pre-Depends: a circle among them must not go on for ever
    const before = inOrder(needed(each.preDepends, providers), providers).filter((other) => !done.has(other) && other !== each);
    for (const other of before) if (of.late.includes(other)) unpack(other);
    if (before.length > 0) steps.push(`configure=${namesOf(before)}`);
    for (const other of before) done.add(other);
    steps.push(`unpack=${WORK}/${each.locked.sha256}.deb`);
  };
  for (const each of of.late) unpack(each);
  return [...steps, 'configure-all'];
}

function preludeOf({ locale, manualIndex }: Settings): readonly ConfigureStep[] {
  return [...(locale === undefined ? [] : [`locale=${locale}` as const]), ...(manualIndex ? (['no-manual-index'] as const) : [])];
}

/** Paths that configured packages want to be told of when something below them is unpacked (deb-triggers(5)). */
function activatedBy(unpacked: readonly Package[], configured: readonly Package[]): readonly string[] {
  const paths = new Set(
    configured.flatMap((each) => triggersOf(each).map(({ trigger }) => trigger)).filter((trigger) => trigger.startsWith('/')),
  );
  const touched = (path: string) =>
    unpacked.some((each) => each.unpacked.entries.some((entry) => `/${entry.path}` === path || `/${entry.path}`.startsWith(`${path}/`)));
  return sortedBy([...paths].filter(touched), (path) => path);
}

function namesOf(packages: readonly Package[]): string {
  return packages.map(({ fullName }) => fullName).join(' ');
}

type Providers = (name: string) => readonly Package[];

function providersOf(packages: readonly Package[]): Providers {
  const by = new Map<string, Package[]>();
  for (const each of packages) for (const name of new Set([each.name, ...each.provides])) by.set(name, [...(by.get(name) ?? []), each]);
  return (name) => by.get(name) ?? [];
}

function needed(relations: readonly Alternatives[], providers: Providers): readonly Package[] {
  return relations.flatMap((alternatives) => alternatives.flatMap(({ name }) => providers(name)));
}

/** The packages and all that they need, what is needed first; circles are cut where they close. */
function inOrder(packages: readonly Package[], providers: Providers): readonly Package[] {
  const order = new Set<Package>();
  const seen = new Set<Package>();
  const visit = (each: Package): void => {
    if (seen.has(each)) return;
    seen.add(each);
    for (const other of needed(each.preDepends, providers)) visit(other);
    for (const other of needed(each.depends, providers)) visit(other);
    order.add(each);
  };
  for (const each of packages) visit(each);
  return [...order];
}
