import type { BinaryPackage } from '../archive/types.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { type Alternatives, parseRelations, type Relation, satisfies } from '../control/relation.ts';
import { compareVersions } from '../control/version.ts';
import { locked } from '../lock/package.ts';
import type { LockedPackage } from '../lock/types.ts';

/** A package that was not recorded, and why it is in the image all the same. */
export type Added = { readonly package: BinaryPackage; readonly why: string };

/** The packages of an image, and those of them that nobody recorded. */
export type System = { readonly packages: readonly LockedPackage[]; readonly added: readonly Added[] };

/**
 * Packages of which more may be taken when the recorded ones are not enough: all versions of a name that signed lists have, in groups. What fits and is in
 * an earlier group is taken before anything of a later one: those of unstable ask for libraries that the release does not have.
 */
export type Shelf = (name: string) => readonly (readonly BinaryPackage[])[];

/** Packages that a build needs beyond what it recorded, with a reason for each. */
export type Further = { readonly name: string; readonly why: string };

const MOST_ADDED = 200;

/**
 * The image of exactly the recorded packages. What they need and what was not recorded (a nearest version may need another library) is added by name
 * from `shelf`, each with its reason. The base layer is what Essential: yes and build-essential need among them; it is the same for many builds.
 *
 * @returns a build-failed failure: set-unsatisfiable when something they need is nowhere
 */
export function systemOf(recorded: readonly BinaryPackage[], further: readonly Further[], shelf: Shelf): Result<System> {
  const chosen = new Map(recorded.map((one) => [one.name, one]));
  const added: Added[] = [];
  const add = (one: BinaryPackage, why: string): void => {
    chosen.set(one.name, one);
    added.push({ package: one, why });
  };
  for (const { name, why } of further) {
    if (chosen.has(name)) continue;
    const one = pick(shelf(name));
    if (one === undefined) return fail(unsatisfiable(name, why, []));
    add(one, why);
  }
  for (let unmet = firstUnmet(chosen); unmet !== undefined; unmet = firstUnmet(chosen)) {
    const { by, alternatives } = unmet;
    const answer = alternatives.flatMap((relation) => pick(shelf(relation.name), relation) ?? [])[0];
    const there = answer && chosen.get(answer.name);
    if (answer === undefined || there !== undefined || added.length >= MOST_ADDED)
      return fail(
        unsatisfiable(
          wordsOf(alternatives),
          `${by.name} (${by.version}) needs it`,
          there === undefined ? [] : [`${there.name} is there in ${there.version}`],
        ),
      );
    add(answer, `${by.name} (${by.version}) needs it`);
  }
  const all = sortedBy(chosen.values(), ({ name }) => name);
  const base = needed(
    all,
    all.filter((one) => one.essential || one.name === 'build-essential'),
  );
  return ok({
    packages: [
      ...all.filter((one) => base.has(one)).map((one) => locked(one, 'base')),
      ...all.filter((one) => !base.has(one)).map((one) => locked(one, 'build')),
    ],
    added: sortedBy(added, (one) => one.package.name),
  });
}

/** Replaces nearest versions by others that fit their siblings: packages of one source ask for each other in one version. */
export function fitted(packages: readonly BinaryPackage[], exact: ReadonlySet<BinaryPackage>, shelf: Shelf): readonly BinaryPackage[] {
  const chosen = new Map(packages.map((one) => [one.name, one]));
  for (let round = 0; round < packages.length; round += 1) {
    const unmet = unmetIn(chosen);
    const swap = unmet.flatMap((one) => swapFor(one, chosen, exact, shelf) ?? [])[0];
    if (swap === undefined) break;
    chosen.set(swap.name, swap);
    PROVIDERS.delete(chosen); // its size does not tell that it changed
  }
  return [...chosen.values()];
}

/** A version of a neighbour, or of the one that asks, that makes them fit; what was found exactly stays. */
function swapFor(
  { by, alternatives }: Unmet,
  chosen: ReadonlyMap<string, BinaryPackage>,
  exact: ReadonlySet<BinaryPackage>,
  shelf: Shelf,
): BinaryPackage | undefined {
  for (const relation of alternatives) {
    const there = chosen.get(relation.name);
    if (there === undefined) continue;
    const neighbour = exact.has(there) ? undefined : pick(shelf(there.name), relation);
    if (neighbour !== undefined && neighbour.version !== there.version) return neighbour;
    if (exact.has(by)) continue;
    const fits = (one: BinaryPackage) => one.version !== by.version && relationsOf(one).every((each) => isMet(each, chosen));
    const other = shelf(by.name).flat().find(fits);
    if (other !== undefined) return other;
  }
  return undefined;
}

type Unmet = { readonly by: BinaryPackage; readonly alternatives: Alternatives };

function firstUnmet(chosen: ReadonlyMap<string, BinaryPackage>): Unmet | undefined {
  return unmetIn(chosen)[0];
}

function unmetIn(chosen: ReadonlyMap<string, BinaryPackage>): readonly Unmet[] {
  return sortedBy(chosen.values(), ({ name }) => name).flatMap((by) =>
    relationsOf(by).flatMap((alternatives) => (isMet(alternatives, chosen) ? [] : [{ by, alternatives }])),
  );
}

function isMet(alternatives: Alternatives, chosen: ReadonlyMap<string, BinaryPackage>): boolean {
  return alternatives.some((relation) => meeting(relation, chosen).length > 0);
}

/** The packages that are there and are what a relation asks for (Policy 7.5: what is provided without a version meets only a wish without one). */
function meeting(relation: Relation, chosen: ReadonlyMap<string, BinaryPackage>): readonly BinaryPackage[] {
  const there = chosen.get(relation.name);
  if (there !== undefined && satisfies(there.version, relation)) return [there];
  return (providersIn(chosen).get(relation.name) ?? [])
    .filter(({ version }) => (version === undefined ? relation.version === undefined : satisfies(version, relation)))
    .map(({ by }) => by);
}

type Provided = { readonly by: BinaryPackage; readonly version: string | undefined };
const PROVIDERS = new WeakMap<
  ReadonlyMap<string, BinaryPackage>,
  { readonly size: number; readonly by: ReadonlyMap<string, readonly Provided[]> }
>();

function providersIn(chosen: ReadonlyMap<string, BinaryPackage>): ReadonlyMap<string, readonly Provided[]> {
  const known = PROVIDERS.get(chosen);
  if (known !== undefined && known.size === chosen.size) return known.by;
  const by = new Map<string, Provided[]>();
  for (const one of chosen.values()) {
    for (const { name, version } of parsed(one, one.provides).flat())
      by.set(name, [...(by.get(name) ?? []), { by: one, version: version?.version }]);
  }
  PROVIDERS.set(chosen, { size: chosen.size, by });
  return by;
}

/** What some packages need of a set, themselves among it: with every alternative that is there, so that nothing waits for a later layer. */
function needed(all: readonly BinaryPackage[], roots: readonly BinaryPackage[]): ReadonlySet<BinaryPackage> {
  const chosen = new Map(all.map((one) => [one.name, one]));
  const found = new Set<BinaryPackage>();
  const visit = (one: BinaryPackage): void => {
    if (found.has(one)) return;
    found.add(one);
    for (const alternatives of relationsOf(one)) for (const relation of alternatives) meeting(relation, chosen).forEach(visit);
  };
  roots.forEach(visit);
  return found;
}

const RELATIONS = new WeakMap<BinaryPackage, readonly Alternatives[]>();

function relationsOf(one: BinaryPackage): readonly Alternatives[] {
  const known = RELATIONS.get(one);
  if (known !== undefined) return known;
  const relations = [...parsed(one, one.preDepends), ...parsed(one, one.depends)];
  RELATIONS.set(one, relations);
  return relations;
}

/** A field of a signed list; what cannot be read there says nothing here, and dpkg will say it when it configures. */
function parsed({ name }: BinaryPackage, field: string): readonly Alternatives[] {
  const relations = parseRelations({ name, text: field }, field, 0);
  return relations.ok ? relations.value : [];
}

/** The newest that fits, of the first group that has one. */
function pick(
  groups: readonly (readonly BinaryPackage[])[],
  relation: Pick<Relation, 'version'> = { version: undefined },
): BinaryPackage | undefined {
  for (const group of groups) {
    const found = newestOf(group.filter((one) => satisfies(one.version, relation)));
    if (found !== undefined) return found;
  }
  return undefined;
}

function newestOf(all: readonly BinaryPackage[]): BinaryPackage | undefined {
  return all.reduce<BinaryPackage | undefined>(
    (best, one) => (best === undefined || compareVersions(one.version, best.version) > 0 ? one : best),
    undefined,
  );
}

function wordsOf(alternatives: Alternatives): string {
  return alternatives
    .map(({ name, version }) => (version === undefined ? name : `${name} (${version.operator} ${version.version})`))
    .join(' | ');
}

function unsatisfiable(what: string, why: string, details: readonly string[]): Failure {
  return {
    kind: 'build-failed',
    reason: 'set-unsatisfiable',
    message: `The packages do not fit together: there is no ${what}, and ${why}`,
    next: 'A set that was really installed fits together: was the .buildinfo changed, or do nearest versions not go with the others?',
    details,
  };
}
