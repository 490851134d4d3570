import { escapeControl } from '../base/escape.ts';
import { excerpt, placeOf } from '../base/location.ts';
import type { Failure } from '../base/result.ts';
import type { Paint } from './paint.ts';

/**
 * A failure as lines for people: the place, the sentence, the line it speaks of with a marker under it, details, and what to do next.
 * Further problems of the same file follow in their order. Text from outside is escaped.
 */
export function failureText(failure: Failure, paint: Paint): string {
  const all = failure.others && failure.others.length > 0 ? failure.others : [failure];
  const lines = all.flatMap((one) => problemLines(one, paint));
  if (failure.others && failure.others.length > 1) {
    lines.push(paint.bold(`${failure.others.length} problems.`));
  }
  const next = failure.next ?? all.find((one) => one.next)?.next;
  if (next) lines.push(`${paint.bold('Next:')} ${escapeControl(next)}`);
  return `${lines.join('\n')}\n`;
}

function problemLines(failure: Failure, paint: Paint): string[] {
  const place = failure.at ? `${paint.bold(escapeControl(placeOf(failure.at)))} ` : '';
  const lines = [`${place}${failure.at ? '' : `${paint.red('error:')} `}${escapeControl(failure.message)}`];
  if (failure.at && failure.at.source.text !== '') {
    const [line = '', marker = ''] = excerpt(failure.at).split('\n');
    lines.push(`  ${escapeKeepingTabs(line)}`, `  ${paint.red(marker)}`);
  }
  for (const detail of failure.details ?? []) lines.push(`  ${escapeControl(detail)}`);
  return lines;
}

/** Escaped but for tabs, which the marker line repeats. */
function escapeKeepingTabs(line: string): string {
  return line.split('\t').map(escapeControl).join('\t');
}

/** The failure as plain data for JSON: places as file, line and column. */
export function failureJson(failure: Failure): Record<string, unknown> {
  const at = failure.at && /^(?<file>.*):(?<line>\d+):(?<column>\d+)$/.exec(placeOf(failure.at))?.groups;
  return {
    kind: failure.kind,
    reason: failure.reason,
    message: failure.message,
    ...(failure.next === undefined ? {} : { next: failure.next }),
    ...(at ? { at: { file: at['file'], line: Number(at['line']), column: Number(at['column']) } } : {}),
    ...(failure.details ? { details: failure.details } : {}),
    ...(failure.others ? { others: failure.others.filter((one) => one !== failure).map(failureJson) } : {}),
  };
}
