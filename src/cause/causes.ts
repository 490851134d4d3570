import type { ArtefactVerdict } from '../deb/types.ts';
import { type Clue, cluesOf, type Pair } from './clue.ts';
import { consequenceOf } from './consequence.ts';
import type { Finding } from './detector.ts';
import { DETECTORS, MASKS } from './detectors.ts';
import type { Cause, CauseContext } from './types.ts';

/** More on one difference tells nobody anything. */
const MOST_CAUSES = 3;
const RANK: Readonly<Record<Cause['confidence'], number>> = { certain: 0, likely: 1, possible: 2 };

/**
 * Why the two sides of an artefact differ, as far as the evidence goes: at most three causes for each difference, the surest first. What only follows from
 * another difference (checksums, sizes) has the one cause `consequence`. A difference without evidence has none.
 */
export function causesOf(artefact: ArtefactVerdict, context: CauseContext): readonly Cause[] {
  if (artefact.verdict === 'equal' || artefact.verdict === 'not-counted') return [];
  return cluesOf(artefact).flatMap((clue) => causesOfClue(clue, artefact, context));
}

function causesOfClue(clue: Clue, artefact: ArtefactVerdict, context: CauseContext): readonly Cause[] {
  const { trail } = clue.difference;
  const follows = consequenceOf(clue, artefact);
  if (follows !== undefined) {
    const remedy = 'Nothing has to be done here: it goes away with the difference that it follows from.';
    return [{ name: 'consequence', confidence: 'certain', trail, evidence: follows, surrounding: null, remedy, link: null }];
  }
  for (const { name, detect, remedy, link } of DETECTORS) {
    const found = detect(clue, context);
    if (found !== undefined) return [causeOf({ name, remedy, link }, trail, found)];
  }
  return textCauses(clue, context);
}

/** What masks find in the texts of a difference: each cause once, with its surest finding. */
function textCauses(clue: Clue, context: CauseContext): readonly Cause[] {
  const found = new Map<string, Cause>();
  for (const pair of clue.pairs) {
    for (const cause of pairCauses(pair, clue, context)) {
      const before = found.get(cause.name);
      if (before === undefined || RANK[cause.confidence] < RANK[before.confidence]) found.set(cause.name, cause);
    }
  }
  return [...found.values()].sort((a, b) => RANK[a.confidence] - RANK[b.confidence]).slice(0, MOST_CAUSES);
}

/** One mask after the other, until both sides are equal. */
function pairCauses(pair: Pair, clue: Clue, context: CauseContext): readonly Cause[] {
  const causes: Cause[] = [];
  let left = pair;
  for (const { name, remedy, link, whole, mask } of MASKS) {
    if (left.first === left.second) break;
    const found = mask(left, context, clue);
    if (found === undefined || (whole && found.pair.first !== found.pair.second)) continue;
    causes.push(causeOf({ name, remedy, link }, clue.difference.trail, found.finding));
    left = found.pair;
  }
  return causes;
}

function causeOf(
  { name, remedy, link }: { readonly name: string; readonly remedy: string; readonly link: string | null },
  trail: Cause['trail'],
  finding: Finding,
): Cause {
  return {
    name,
    confidence: finding.confidence,
    trail,
    evidence: finding.evidence,
    surrounding: finding.surrounding,
    remedy: finding.remedy ?? remedy,
    link,
  };
}
