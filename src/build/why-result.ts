import { sortedBy } from '../base/order.ts';
import { placeOfKey } from './places.ts';
import type { SurroundingName } from './types.ts';
import type { Reason } from './why.ts';

/** A row of the table of what was tried: which outputs differed from the first build when these surroundings were varied. */
export type Tried = {
  readonly varied: readonly SurroundingName[]; // none: built once more in the same surroundings
  readonly artefacts: readonly string[]; // that differed, by name in byte order
  readonly wallSeconds: number;
};

/** Places of one artefact that differ for the same reason. */
export type Blame = {
  readonly surroundings: readonly SurroundingName[]; // several: they matter together only; none: it differs in the same surroundings too
  readonly trails: readonly (readonly string[])[]; // the first few
  readonly more: number; // trails beyond those
};

export type WhyArtefact = { readonly name: string; readonly blames: readonly Blame[] };

/** Which of the varied surroundings matter: what `repro --why` found out. */
export type Why = {
  readonly guilty: readonly SurroundingName[]; // of any artefact, in the order in which surroundings are shown
  readonly random: boolean; // something differs in the same surroundings
  readonly builds: number; // beyond the first two
  readonly artefacts: readonly WhyArtefact[]; // by name in byte order
  readonly tried: readonly Tried[]; // the second build, which varied everything, is the first row
};

const SHOWN_TRAILS = 10;

/** What came out of a search that has ended. */
export function whyOf(names: readonly SurroundingName[], reasons: ReadonlyMap<string, Reason>, tried: readonly Tried[]): Why {
  const byArtefact = new Map<string, Map<string, { surroundings: readonly SurroundingName[]; trails: (readonly string[])[] }>>();
  for (const [key, reason] of reasons) {
    const { trail } = placeOfKey(key);
    const blames = getOrMake(byArtefact, trail[0] ?? '', () => new Map());
    for (const surroundings of reason.random ? [[]] : reason.groups) {
      getOrMake(blames, surroundings.join(' '), () => ({ surroundings, trails: [] })).trails.push(trail);
    }
  }
  const artefacts = sortedBy(byArtefact, ([name]) => name).map(([name, blames]) => ({
    name,
    blames: sortedBy(blames, ([key]) => key).map(([, { surroundings, trails }]) => ({
      surroundings,
      trails: trails.slice(0, SHOWN_TRAILS),
      more: Math.max(0, trails.length - SHOWN_TRAILS),
    })),
  }));
  const all = artefacts.flatMap(({ blames }) => blames);
  return {
    guilty: names.filter((name) => all.some(({ surroundings }) => surroundings.includes(name))),
    random: all.some(({ surroundings }) => surroundings.length === 0),
    builds: Math.max(0, tried.length - 1),
    artefacts,
    tried,
  };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
