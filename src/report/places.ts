import { escapeControl } from '../base/escape.ts';
import type { Cause } from '../cause/types.ts';
import type { Difference } from '../deb/types.ts';
import type { ExplainedArtefact } from './report.ts';
import { CONSEQUENCE, causesAt, fullStop } from './sentence.ts';
import { whatText } from './terminal.ts';

/** Signs of a line that is quoted. */
const QUOTED = 100;

/**
 * Where an output differs and why, a line for each difference and one below it for each cause. What merely follows from other differences is
 * counted. Text from outside is escaped.
 *
 * @param most differences; a last line counts those beyond
 */
export function placesOfArtefact({ differences, more, causes }: ExplainedArtefact, most: number): readonly string[] {
  const explained = differences.map((difference) => ({ difference, causes: causesAt(causes, difference.trail) }));
  const own = explained.filter((one) => one.causes.length === 0 || one.causes.some(({ name }) => name !== CONSEQUENCE));
  const lines = own.slice(0, most).flatMap((one) => [placeLine(one.difference), ...one.causes.map(causeLine)]);
  const beyond = Math.max(0, own.length - most) + more;
  const following = explained.length - own.length;
  return [
    ...lines,
    ...(following > 0
      ? [`${own.length > 0 ? 'and ' : ''}${following} that ${following === 1 ? 'follows' : 'follow'} from other differences`]
      : []),
    ...(beyond > 0 ? [`and ${beyond} more`] : []),
  ];
}

function placeLine({ trail, what }: Difference): string {
  const way = trail.slice(1).map(escapeControl).join(' › ');
  return `${way === '' ? '' : `${way}: `}${whatText(what)}${what.kind === 'text' ? quoted(what.hunks.flatMap(({ lines }) => lines)) : ''}`;
}

/** The first line that is not the same, of each side. */
function quoted(lines: readonly string[]): string {
  const line = (sign: string): string => {
    const found = lines.find((one) => one.startsWith(sign))?.slice(1);
    return found === undefined ? 'nothing' : `“${escapeControl(found.slice(0, QUOTED))}${found.length > QUOTED ? ' …' : ''}”`;
  };
  return `: ${line('-')} in the first build, ${line('+')} in the second`;
}

function causeLine({ name, confidence, evidence, remedy }: Cause): string {
  return `  ${escapeControl(name)} (${confidence}): ${escapeControl(fullStop(evidence))} ${escapeControl(fullStop(remedy))}`;
}
