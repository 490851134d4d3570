import { byBytes } from '../base/order.ts';
import type { SurroundingName } from './types.ts';

/**
 * One build that varied some surroundings, held against the first build. `values` has each place that differs and what was found there;
 * a place that is not in it is the same as in the first build.
 */
export type Trial = { readonly varied: readonly SurroundingName[]; readonly values: Readonly<Record<string, string>> };

/** Why one place differs. Each group of surroundings is enough by itself; those of one group matter together only. */
export type Reason = { readonly random: true } | { readonly random: false; readonly groups: readonly (readonly SurroundingName[])[] };

/** Either the surroundings that the next build varies, or why each place differs that differs when all are varied. */
export type NextTrial = { readonly vary: readonly SurroundingName[] } | { readonly reasons: ReadonlyMap<string, Reason> };

/** How many builds it takes at most when one surrounding is guilty: one that varies nothing, a bisection, one that varies it alone. */
export function mostTrials(surroundings: number): number {
  return Math.ceil(Math.log2(Math.max(1, surroundings))) + 2;
}

/**
 * Decides what to build next. It remembers nothing, so that a search goes on from the trials that are there. The first build varies nothing: what
 * differs even then is random. Then each place is bisected; a trial serves all of them.
 *
 * @param names all that were varied, in the order in which they are tried
 * @param trials one of them varied all
 */
export function nextTrial(names: readonly SurroundingName[], trials: readonly Trial[]): NextTrial {
  const known = new Map(trials.map((trial) => [keyOf(trial.varied), trial.values]));
  const all = known.get(keyOf(names));
  if (all === undefined) throw new Error('there is no trial that varied everything');
  if (!known.has('')) return { vary: [] };
  const reasons = new Map<string, Reason>();
  for (const place of Object.keys(all).sort(byBytes)) {
    const search = new Search(names, (varied) => {
      const values = known.get(keyOf(varied));
      return values && (values[place] ?? SAME);
    });
    const found = search.reason();
    if ('vary' in found) return { vary: names.filter((name) => found.vary.includes(name)) };
    reasons.set(place, found);
  }
  return { reasons };
}

/** Also what a place has that is the same as in the first build: no digest is the empty text. */
const SAME = '';
type Ask = { readonly vary: readonly SurroundingName[] };

function keyOf(varied: readonly SurroundingName[]): string {
  return [...varied].sort(byBytes).join(' ');
}

/** The search for the reason of one place. Asks for a trial where it cannot go on. */
class Search {
  readonly #names: readonly SurroundingName[];
  readonly #value: (varied: readonly SurroundingName[]) => string | undefined;

  constructor(names: readonly SurroundingName[], value: (varied: readonly SurroundingName[]) => string | undefined) {
    this.#names = names;
    this.#value = value;
  }

  reason(): Reason | Ask {
    if (this.#value([]) !== SAME) return { random: true };
    const groups: (readonly SurroundingName[])[] = [];
    let rest = this.#names;
    for (;;) {
      const value = this.#value(rest);
      if (value === undefined) return { vary: rest };
      if (value === SAME) return { random: false, groups };
      const group = this.#groupIn(rest);
      if ('vary' in group) return group;
      groups.push(group);
      // It alone gives the very same bytes as all together: no other one has a part in it.
      if (this.#value(group) === this.#value(this.#names)) return { random: false, groups };
      rest = rest.filter((name) => !group.includes(name));
    }
  }

  /**
   * A smallest set within `top`, which makes a difference, that makes one by itself. Along a chain of sets that grow by one name there is a first one with a
   * difference: its last name belongs to the set, and what comes after it does not.
   */
  #groupIn(top: readonly SurroundingName[]): readonly SurroundingName[] | Ask {
    let group: readonly SurroundingName[] = [];
    let within = top;
    for (;;) {
      const alone = this.#value(group);
      if (alone === undefined) return { vary: group };
      if (alone !== SAME) return this.#names.filter((name) => group.includes(name));
      const others = within.filter((name) => !group.includes(name));
      const link = (length: number) => [...group, ...others.slice(0, length)];
      let [without, having] = [0, others.length];
      while (having - without > 1) {
        const middle = Math.floor((without + having) / 2);
        const value = this.#value(link(middle));
        if (value === undefined) return { vary: link(middle) };
        if (value === SAME) without = middle;
        else having = middle;
      }
      within = link(having);
      group = [...group, ...others.slice(without, having)];
    }
  }
}
