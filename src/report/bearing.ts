import type { Why } from '../build/why-result.ts';
import type { ArtefactVerdict } from '../deb/types.ts';
import type { ExplainedArtefact, Report } from './report.ts';

/**
 * What a change of surroundings has to do with an output, as far as it is known. `unknown`: the output differs and nothing says whether
 * this change brought it out.
 */
export type Bearing =
  | { readonly kind: 'none' } // changed, and the output does not mind
  | { readonly kind: 'mattered'; readonly sure: boolean; readonly how: string } // how: found out by building again, or told by a cause
  | { readonly kind: 'unknown' }
  | { readonly kind: 'untried'; readonly why: string };

/** A surrounding that was or could have been changed, with both values where it was. */
export type Tried = { readonly name: string; readonly values: readonly [string, string] | undefined; readonly why: string | undefined };

/** Outputs that have a part in the verdict. */
export function counted<A extends ArtefactVerdict>(artefacts: readonly A[]): readonly A[] {
  return artefacts.filter(({ verdict }) => verdict !== 'not-counted');
}

/** Every surrounding of a run, the changed ones first. */
export function triedOf({ varied, notVaried }: Pick<Report, 'varied' | 'notVaried'>): readonly Tried[] {
  return [
    ...varied.map(({ name, first, second }): Tried => ({ name, values: [first, second], why: undefined })),
    ...notVaried.map(({ name, why }): Tried => ({ name, values: undefined, why })),
  ];
}

/**
 * What one change did to one output. What was found out by building again (`--why`) decides; else the surest cause that names it does.
 */
export function bearingOf(tried: Tried, artefact: ExplainedArtefact, why: Why | null): Bearing {
  if (tried.values === undefined) return { kind: 'untried', why: tried.why ?? '' };
  if (artefact.verdict === 'equal') return { kind: 'none' };
  const searched = why?.artefacts.find(({ name }) => name === artefact.name);
  if (searched) {
    const blame = searched.blames.find(({ surroundings }) => surroundings.some((name) => name === tried.name));
    if (!blame) return { kind: 'none' };
    const others = blame.surroundings.filter((name) => name !== tried.name);
    return {
      kind: 'mattered',
      sure: true,
      how: `found by building again${others.length > 0 ? `, together with ${others.join(', ')}` : ''}`,
    };
  }
  const guilty = artefact.causes.filter(({ surrounding }) => surrounding === tried.name);
  const cause =
    guilty.find(({ confidence }) => confidence === 'certain') ?? guilty.find(({ confidence }) => confidence === 'likely') ?? guilty[0];
  return cause
    ? { kind: 'mattered', sure: cause.confidence !== 'possible', how: `${cause.name}, ${cause.confidence}` }
    : { kind: 'unknown' };
}

/** Whether an output was seen to differ in the same surroundings too. */
export function isRandom({ name }: ArtefactVerdict, why: Why | null): boolean {
  return why?.artefacts.some((one) => one.name === name && one.blames.some(({ surroundings }) => surroundings.length === 0)) ?? false;
}
