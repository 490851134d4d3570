import { escapeControl } from '../base/escape.ts';
import type { Cause } from '../cause/types.ts';
import type { ExplainedArtefact } from './report.ts';
import { whatText } from './terminal.ts';

/**
 * Where an output differs and why, a line for each difference and one below it for each cause. Text from outside is
 * escaped.
 *
 * @param most lines of differences; a last line counts those beyond
 */
export function placesOfArtefact({ differences, more, causes }: ExplainedArtefact, most: number): readonly string[] {
  const lines = differences.slice(0, most).flatMap(({ trail, what }) => {
    const way = trail.slice(1).map(escapeControl).join(' › ');
    return [`${way === '' ? '' : `${way}: `}${whatText(what)}`, ...causes.filter((cause) => same(cause.trail, trail)).map(causeLine)];
  });
  const beyond = Math.max(0, differences.length - most) + more;
  return beyond > 0 ? [...lines, `and ${beyond} more`] : lines;
}

function causeLine({ name, confidence, evidence, remedy }: Cause): string {
  return `  ${name} (${confidence}): ${escapeControl(evidence)}. ${escapeControl(remedy)}`;
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((link, index) => link === b[index]);
}
