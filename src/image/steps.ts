import type { Alternatives } from '../control/relation.ts';
import type { Package } from './package.ts';
import { USERS } from './types.ts';

/** One thing that configure.sh is told to do, as `word=value`. */
export type ConfigureStep =
  | `preinst=${string}`
  | `configure=${string}`
  | `unpack=${string}`
  | 'configure-all'
  | `locale=${string}`
  | `user=${string}`;

/** Where the container has the .deb of a package that dpkg unpacks. */
export const WORK = '/var/tmp/twinbuild';

/**
 * What has to be done in the container, in order: preinst scripts of base packages that are not known to do nothing; where dpkg has to
 * unpack something itself, the base is configured, then each such package's Pre-Depends (Policy 7.2), then it is unpacked; then everything is configured.
 */
export function stepsOf(of: {
  readonly base: readonly Package[];
  readonly build: readonly Package[];
  readonly late: readonly Package[];
  readonly preinsts: readonly Package[];
  readonly locale: string | undefined;
}): readonly ConfigureStep[] {
  const providers = providersOf([...of.base, ...of.build]);
  const steps: ConfigureStep[] = [];
  const wanted = new Set(of.preinsts);
  for (const each of inOrder(of.base, providers)) if (wanted.has(each)) steps.push(`preinst=${each.fullName}:${each.locked.architecture}`);
  if (of.late.length > 0) steps.push(`configure=${namesOf(of.base)}`);
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
  steps.push('configure-all');
  if (of.locale !== undefined) steps.push(`locale=${of.locale}`);
  for (const { name, uid, gid } of Object.values(USERS)) steps.push(`user=${name}:${uid}:${gid}`);
  return steps;
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
