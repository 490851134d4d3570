import type { ArchiveIndex, BinaryPackage, PackageMap } from '../archive/types.ts';
import { byBytes, sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { type Alternatives, parseRelations, type Relation, satisfies } from '../control/relation.ts';
import { compareVersions } from '../control/version.ts';
import type { Container } from '../recipe/recipe.ts';
import { automatic } from './automatic.ts';

/** Chosen over other alternatives of one relation. usrmerge would convert an unmerged system, which ours never is. */
const PREFERRED: ReadonlySet<string> = new Set(['usr-is-merged']);

const PRIORITIES = ['required', 'important', 'standard', 'optional', 'extra'];

/**
 * The packages of a base system, as debootstrap and mmdebstrap choose them: those that the variant asks for, and everything that
 * they need through Pre-Depends and Depends, each in the newest version of all suites.
 *
 * Relations with one answer are settled first. Where several packages would do, one that is there already does; else the first
 * alternative that exists and conflicts with nothing chosen; for a virtual package the provider of the highest priority, then the
 * first by name. So the result follows from the index alone.
 *
 * @returns packages by name in byte order; a build-failed failure: unsatisfiable, or base-conflict
 */
export function closure(
  index: Pick<ArchiveIndex, 'packagesByName' | 'notAutomatic'>,
  { variant, architecture }: Pick<Container, 'variant' | 'architecture'>,
): Result<readonly BinaryPackage[]> {
  const system = new System(index.packagesByName, architecture, index.notAutomatic);
  try {
    for (const name of rootsOf(index.packagesByName, variant)) system.require({ by: `variant ${variant}`, alternatives: [plain(name)] });
    system.settle();
    system.check();
  } catch (error) {
    if (error instanceof Unsatisfiable) return fail(error.failure);
    throw error;
  }
  return ok(sortedBy(system.chosen.values(), ({ name }) => name));
}

function rootsOf(index: PackageMap, variant: Container['variant']): readonly string[] {
  const named = {
    essential: ['apt'],
    buildd: ['apt', 'build-essential'],
    required: ['apt', ...index.ofPriority('required').map(({ name }) => name)],
  }[variant];
  return sortedBy(new Set([...index.essential().map(({ name }) => name), ...named]), (name) => name);
}

type Wish = { readonly by: string; readonly alternatives: Alternatives };

/** Leaves the search; never leaves this file. */
class Unsatisfiable extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** A system that grows until every relation in it is satisfied. */
class System {
  readonly chosen = new Map<string, BinaryPackage>();
  readonly #index: PackageMap;
  readonly #architecture: string;
  readonly #notAutomatic: ArchiveIndex['notAutomatic'];
  readonly #provided = new Map<string, { readonly by: BinaryPackage; readonly version: string | undefined }[]>();
  #wishes: Wish[] = [];

  constructor(index: PackageMap, architecture: string, notAutomatic: ArchiveIndex['notAutomatic']) {
    this.#index = index;
    this.#notAutomatic = notAutomatic;
    this.#architecture = architecture;
  }

  require(wish: Wish): void {
    this.#wishes.push(wish);
  }

  settle(): void {
    while (this.#wishes.length > 0) {
      const wishes = this.#wishes.filter(({ alternatives }) => !alternatives.some((one) => this.#isSatisfied(one)));
      const options = wishes.map((wish) => ({ wish, answers: this.#answers(wish) }));
      const forced = options.filter(({ answers }) => answers.length <= 1);
      this.#wishes = [];
      // While anything has but one answer, what has several waits: the one answer may be one of the several.
      const now = forced.length > 0 ? forced : options.slice(0, 1);
      for (const { wish } of options) if (!now.some((one) => one.wish === wish)) this.#wishes.push(wish);
      for (const { wish, answers } of now) {
        if (wish.alternatives.some((one) => this.#isSatisfied(one))) continue;
        const answer = answers.find((one) => this.#conflictOf(one) === undefined);
        if (answer === undefined) throw new Unsatisfiable(this.#why(wish, answers));
        this.#add(answer);
      }
    }
  }

  /** Conflicts that came in after both sides were chosen. */
  check(): void {
    for (const one of sortedBy(this.chosen.values(), ({ name }) => name)) {
      const other = this.#conflictOf(one);
      if (other === undefined) continue;
      throw new Unsatisfiable({
        kind: 'build-failed',
        reason: 'base-conflict',
        message: `The base system needs both ${one.name} (${one.version}) and ${other.name} (${other.version}), which conflict`,
      });
    }
  }

  #add(one: BinaryPackage): void {
    const there = this.chosen.get(one.name);
    if (there !== undefined) return;
    this.chosen.set(one.name, one);
    for (const provided of provides(one)) {
      this.#provided.set(provided.name, [...(this.#provided.get(provided.name) ?? []), { by: one, version: provided.version }]);
    }
    for (const field of [one.preDepends, one.depends]) {
      for (const alternatives of relations(one, field)) this.require({ by: one.name, alternatives });
    }
  }

  #isSatisfied(relation: Relation): boolean {
    if (this.#isForeign(relation)) return false;
    const there = this.chosen.get(relation.name);
    if (there !== undefined && satisfies(there.version, relation)) return true;
    return (this.#provided.get(relation.name) ?? []).some(({ version }) => fits(version, relation));
  }

  /** Packages that would satisfy a wish, the best first. */
  #answers({ alternatives }: Wish): BinaryPackage[] {
    const found = [...new Set(alternatives.flatMap((relation) => this.#candidates(relation)))];
    return [...found.filter(({ name }) => PREFERRED.has(name)), ...found.filter(({ name }) => !PREFERRED.has(name))];
  }

  #candidates(relation: Relation): BinaryPackage[] {
    if (this.#isForeign(relation)) return [];
    const there = this.chosen.get(relation.name);
    const real = there ?? newest(this.#known(relation.name), relation);
    const found = real !== undefined && satisfies(real.version, relation) ? [real] : [];
    const names = new Set(this.#index.providing(relation.name).map(({ name }) => name));
    const providers = [...names].flatMap((name) => {
      const one = this.chosen.get(name) ?? newest(this.#known(name));
      return one !== undefined && provides(one).some((offer) => offer.name === relation.name && fits(offer.version, relation)) ? [one] : [];
    });
    return [...found, ...providers.sort(byRank)];
  }

  /** All versions of a package that count: those of suites such as backports only when there is no other. */
  #known(name: string): readonly BinaryPackage[] {
    return automatic(this.#index.get(name) ?? [], this.#notAutomatic);
  }

  #isForeign({ qualifier }: Relation): boolean {
    return qualifier !== undefined && qualifier !== 'any' && qualifier !== 'native' && qualifier !== this.#architecture;
  }

  /** A chosen package that cannot be there together with this one. */
  #conflictOf(one: BinaryPackage): BinaryPackage | undefined {
    for (const other of this.chosen.values()) {
      if (other.name === one.name) {
        if (other.version !== one.version) return other;
      } else if (excludes(one, other) || excludes(other, one)) return other;
    }
    return undefined;
  }

  #why({ by, alternatives }: Wish, answers: readonly BinaryPackage[]): Failure {
    const wanted = alternatives
      .map(({ name, version }) => (version ? `${name} (${version.operator} ${version.version})` : name))
      .join(' | ');
    const details = answers.map((one) => `${one.name} (${one.version}) conflicts with ${this.#conflictOf(one)?.name}`);
    const why =
      details.length > 0
        ? 'and each that would do conflicts with another package of the base system'
        : 'which no package of the archive is or provides';
    return {
      kind: 'build-failed',
      reason: 'unsatisfiable',
      message: `${by} needs ${wanted}, ${why}`,
      ...(details.length > 0 ? { details } : {}),
    };
  }
}

function plain(name: string): Relation {
  return { name, qualifier: undefined, version: undefined, architectures: [], profiles: [] };
}

/** The newest version, of those that fit the relation when there is one; of equal versions the one of the first suite. */
function newest(all: readonly BinaryPackage[], relation?: Relation): BinaryPackage | undefined {
  let best: BinaryPackage | undefined;
  for (const one of all) {
    if (relation !== undefined && !satisfies(one.version, relation)) continue;
    if (best === undefined || compareVersions(one.version, best.version) > 0) best = one;
  }
  return best;
}

function byRank(a: BinaryPackage, b: BinaryPackage): number {
  const rank = ({ priority }: BinaryPackage) => (PRIORITIES.includes(priority) ? PRIORITIES.indexOf(priority) : PRIORITIES.length);
  return rank(a) - rank(b) || byBytes(a.name, b.name);
}

/** Whether something that is provided in a version, or in none, is what a relation asks for (Policy 7.5). */
function fits(version: string | undefined, relation: Relation): boolean {
  return version === undefined ? relation.version === undefined : satisfies(version, relation);
}

function provides(one: BinaryPackage): { readonly name: string; readonly version: string | undefined }[] {
  return relations(one, one.provides).flatMap((alternatives) =>
    alternatives.map(({ name, version }) => ({ name, version: version?.version })),
  );
}

function excludes(one: BinaryPackage, other: BinaryPackage): boolean {
  return [one.conflicts, one.breaks].some((field) =>
    relations(one, field).some(([relation]) => {
      if (relation === undefined) return false;
      if (relation.name === other.name && satisfies(other.version, relation)) return true;
      return provides(other).some((offer) => offer.name === relation.name && fits(offer.version, relation));
    }),
  );
}

/** A field of a signed index is well formed, or the index is not what it should be. */
function relations(one: BinaryPackage, field: string): readonly Alternatives[] {
  if (field === '') return [];
  const known = KNOWN.get(one)?.get(field);
  if (known !== undefined) return known;
  const parsed = parseRelations({ name: `${one.name} in Packages of ${one.suite}`, text: field }, field, 0);
  if (!parsed.ok) throw new Unsatisfiable(parsed.error);
  KNOWN.set(one, new Map(KNOWN.get(one)).set(field, parsed.value));
  return parsed.value;
}

/** Relations that were parsed before: each package is held against each other. */
const KNOWN = new WeakMap<BinaryPackage, Map<string, readonly Alternatives[]>>();
