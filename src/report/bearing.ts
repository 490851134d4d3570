import type { Cause } from '../cause/types.ts';
import type { ArtefactVerdict } from '../deb/types.ts';
import type { Report } from './report.ts';

/**
 * What a change of surroundings has to do with an output, as far as it is known. `unknown`: the output differs and nothing says whether
 * this change brought it out.
 */
export type Bearing =
  | { readonly kind: 'none' } // changed, and the output is equal all the same
  | { readonly kind: 'mattered'; readonly cause: Cause }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'untried'; readonly why: string };

/** A surrounding that was or could have been changed, with both values where it was. */
export type Tried = { readonly name: string; readonly values: readonly [string, string] | undefined; readonly why: string | undefined };

/** Outputs that have a part in the verdict. */
export function counted(artefacts: readonly ArtefactVerdict[]): readonly ArtefactVerdict[] {
  return artefacts.filter(({ verdict }) => verdict !== 'not-counted');
}

/** Every surrounding of a run, the changed ones first. */
export function triedOf({ varied, notVaried }: Pick<Report, 'varied' | 'notVaried'>): readonly Tried[] {
  return [
    ...varied.map(({ name, first, second }): Tried => ({ name, values: [first, second], why: undefined })),
    ...notVaried.map(({ name, why }): Tried => ({ name, values: undefined, why })),
  ];
}

/** What one change did to one output. The surest cause that names it decides. */
export function bearingOf(tried: Tried, artefact: ArtefactVerdict, causes: readonly Cause[]): Bearing {
  if (tried.values === undefined) return { kind: 'untried', why: tried.why ?? '' };
  if (artefact.verdict === 'equal') return { kind: 'none' };
  const guilty = causes.filter(({ surrounding, trail }) => surrounding === tried.name && trail[0] === artefact.name);
  for (const sure of ['certain', 'likely', 'possible'] as const) {
    const cause = guilty.find(({ confidence }) => confidence === sure);
    if (cause) return { kind: 'mattered', cause };
  }
  return { kind: 'unknown' };
}
