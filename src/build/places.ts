import { sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import type { ArtefactVerdict, Comparison, Difference } from '../deb/types.ts';

/** A place of the outputs that differs: the artefact, and the trail inwards. `what` parts a field or an attribute from the content. */
export type Place = { readonly trail: readonly string[]; readonly what: string };

/** The word for an artefact whose list of differences was cut: it is looked at as a whole. */
const WHOLE = 'whole';

/**
 * Every place in which a build parts from the first one, with a digest of what is there: two builds have the same at a place when their digests are the
 * same. `whole` names the artefacts that are looked at as a whole, as their differences are more than a comparison lists.
 */
export function placesOf(comparison: Comparison, whole: ReadonlySet<string>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const artefact of comparison.artefacts.filter(counts)) {
    if (whole.has(artefact.name)) {
      values[placeKey({ trail: [artefact.name], what: WHOLE })] = artefact.second?.sha256 ?? 'missing';
      continue;
    }
    for (const difference of artefact.differences) {
      const key = placeKey({ trail: difference.trail, what: partOf(difference.what) });
      values[key] = sha256(`${values[key] ?? ''}${canonicalJson(difference.what)}`).slice(0, 32);
    }
  }
  return values;
}

/** The artefacts of which a comparison does not list every difference, or none at all. */
export function wholeArtefacts(comparison: Comparison): ReadonlySet<string> {
  const cut = ({ more, differences }: ArtefactVerdict) => more > 0 || differences.length === 0;
  return new Set(comparison.artefacts.filter((artefact) => counts(artefact) && cut(artefact)).map(({ name }) => name));
}

/** Names of the outputs that make two builds different. */
export function differingArtefacts(comparison: Comparison): readonly string[] {
  return comparison.artefacts.filter(counts).map(({ name }) => name);
}

export function placeKey({ trail, what }: Place): string {
  return JSON.stringify([what, ...trail]);
}

export function placeOfKey(key: string): Place {
  const [what = '', ...trail] = JSON.parse(key) as string[];
  return { trail, what };
}

function counts({ verdict }: ArtefactVerdict): boolean {
  return verdict !== 'equal' && verdict !== 'not-counted';
}

/** The same content may show as text, as bytes or as unreadable, depending on what the other side is: that is one place. */
function partOf(what: Difference['what']): string {
  if (what.kind === 'attribute') return what.attribute;
  if (what.kind === 'field') return what.field;
  return what.kind === 'order' ? 'order' : 'content';
}
