import type { Cause } from '../cause/types.ts';
import type { ArtefactVerdict, Difference } from '../deb/types.ts';
import type { Report } from './report.ts';
import { verificationSentence } from './verify.ts';

/** Whether an output makes the two builds different. */
export function counts({ verdict }: ArtefactVerdict): boolean {
  return verdict !== 'equal' && verdict !== 'not-counted';
}

/** What a verdict means, as a sentence. Text from outside is not escaped. */
export function verdictSentence({ verdict, recipe, artefacts, failure, varied, verify, prediction }: Report): string {
  if (verify !== undefined && (verdict === 'reproducible' || verdict === 'different'))
    return verificationSentence(verify, recipe.name, { differing: artefacts.filter(counts).length, all: artefacts.length });
  switch (verdict) {
    case 'reproducible':
      return `Both builds of ${recipe.name} gave the same bytes${varied.length > 0 ? `, in surroundings that differ in ${varied.length} ways` : ''}.${predicted(prediction)}`;
    case 'different': {
      const differing = artefacts.filter(counts).length;
      const all = artefacts.filter((artefact) => artefact.verdict !== 'not-counted').length;
      if (all === 1) return `The one output of ${recipe.name} is not the same in both builds.${predicted(prediction)}`;
      return `${differing} of ${all} outputs of ${recipe.name} ${differing === 1 ? 'is' : 'are'} not the same in both builds.${predicted(prediction)}`;
    }
    case 'build-failed':
    case 'timeout':
    case 'unverified-input':
    case 'infrastructure':
      return `There is no verdict on ${recipe.name}: ${fullStop(String(failure?.['message'] ?? verdict))}`;
    default:
      return verdict satisfies never;
  }
}

function predicted(prediction: Report['prediction']): string {
  return prediction ? ` This ${prediction.sentence}.` : '';
}

/** The cause of what follows from another difference: it needs no remedy of its own. */
export const CONSEQUENCE = 'consequence';

/** The causes of the difference at a trail, each once. */
export function causesAt(causes: readonly Cause[], trail: readonly string[]): readonly Cause[] {
  const here = causes.filter((cause) => cause.trail.length === trail.length && cause.trail.every((link, index) => link === trail[index]));
  return [...new Map(here.map((cause) => [JSON.stringify([cause.name, cause.evidence, cause.remedy]), cause])).values()];
}

/** A sentence with its end. */
export function fullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Whether a difference is a mere consequence. */
export function followsFrom(causes: readonly Cause[]): (difference: Difference) => boolean {
  const trails = new Set(causes.filter(({ name }) => name === CONSEQUENCE).map(({ trail }) => JSON.stringify(trail)));
  return ({ trail }) => trails.has(JSON.stringify(trail));
}
