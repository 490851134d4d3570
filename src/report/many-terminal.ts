import { escapeControl } from '../base/escape.ts';
import type { Attempt, Status } from '../queue/types.ts';
import { countsText, type ManyReport, type PackageReport, reasonText, STATUS_WORDS, standing } from './many.ts';
import type { Paint } from './paint.ts';
import { secondsText } from './units.ts';

/** So many packages are all shown; of more only those that are not reproducible. */
const MOST_ROWS = 200;

/**
 * The table of a list, and what it comes to.
 *
 * @param width columns of the terminal; on a narrow one the reason goes below its package, and times are left out
 */
export function manyText(report: ManyReport, paint: Paint, width: number): string {
  const all = report.results.length <= MOST_ROWS;
  const shown = all ? report.results : report.results.filter(({ status }) => status !== 'reproducible');
  const rows = shown.map((result) => rowOf(result));
  const lines = tableLines(rows, paint, Math.max(20, width));
  if (!all) lines.push(paint.dim(`and ${report.results.length - shown.length} that are reproducible`));
  const total = `${report.results.length} ${report.results.length === 1 ? 'package' : 'packages'}`;
  lines.push(`${paint.bold(total)}: ${countsText(report)} (${secondsText(report.wallSeconds)})`);
  if (report.stopped) lines.push(`${paint.yellow('stopped:')} ${escapeControl(report.stopped.message)}`);
  return `${lines.join('\n')}\n`;
}

type Cells = {
  readonly status: Status | 'waiting' | 'running';
  readonly name: string;
  readonly version: string;
  readonly time: string;
  readonly reason: string;
};

function rowOf(result: PackageReport): Cells {
  const reason = result.status === null && result.tries.length > 0 ? `${result.tries.length} tried` : reasonText(result);
  return {
    status: standing(result),
    name: escapeControl(result.name),
    version: escapeControl(result.version ?? ''),
    time: result.wallSeconds === null ? '' : secondsText(result.wallSeconds),
    reason: escapeControl(reason),
  };
}

function tableLines(rows: readonly Cells[], paint: Paint, width: number): string[] {
  const widest = (key: 'name' | 'version' | 'time'): number => Math.max(0, ...rows.map((row) => row[key].length));
  const words = Math.max(0, ...rows.map(({ status }) => STATUS_WORDS[status].length));
  const [names, versions, times] = [widest('name'), widest('version'), widest('time')];
  const wide = 2 + names + 2 + versions + 2 + words + 2 + times + 2;
  if (width - wide >= 24) {
    return rows.map((row) => {
      const status = STATUS_WORDS[row.status].padEnd(words);
      const line = `${glyph(row.status, paint)} ${row.name.padEnd(names)}  ${paint.dim(row.version.padEnd(versions))}  ${coloured(row.status, status, paint)}  ${paint.dim(row.time.padStart(times))}`;
      return row.reason === '' ? line : `${line}  ${cut(row.reason, width - wide)}`;
    });
  }
  return rows.flatMap((row) => {
    const status = STATUS_WORDS[row.status];
    const room = Math.max(8, width - 3 - status.length);
    const first = `${glyph(row.status, paint)} ${cut(row.name, room).padEnd(Math.min(room, names))} ${coloured(row.status, status, paint)}`;
    return row.reason === '' ? [first] : [first, `  ${cut(row.reason, width - 2)}`];
  });
}

/** Nothing is told by colour alone. */
function glyph(status: Cells['status'], paint: Paint): string {
  if (status === 'reproducible') return paint.green('=');
  if (status === 'different') return paint.red('≠');
  if (status === 'flaky') return paint.red('~');
  return status === 'waiting' || status === 'running' ? paint.dim('·') : paint.yellow('!');
}

function coloured(status: Cells['status'], text: string, paint: Paint): string {
  if (status === 'reproducible') return paint.green(text);
  if (status === 'different' || status === 'flaky') return paint.red(text);
  return status === 'waiting' || status === 'running' ? paint.dim(text) : paint.yellow(text);
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

/** What is remembered of packages, the newest first: when, which version, how it ended, how long it took, from which inputs, and what differed. */
export function historyText(attempts: readonly Attempt[], paint: Paint, width: number): string {
  const names = Math.max(0, ...attempts.map(({ name }) => name.length));
  const versions = Math.max(0, ...attempts.map(({ version }) => (version ?? '').length));
  const words = Math.max(0, ...attempts.map(({ status }) => STATUS_WORDS[status].length));
  return attempts
    .map(({ startedAtMs, name, version, status, wallSeconds, inputs, outputs, different, message }) => {
      const when = new Date(startedAtMs).toISOString().slice(0, 16).replace('T', ' ');
      const what =
        different.length > 0 ? differenceText(different) : (message ?? (outputs === null ? '' : `outputs ${outputs.slice(0, 12)}`));
      const line = `${when}  ${escapeControl(name).padEnd(names)}  ${escapeControl(version ?? '').padEnd(versions)}  ${coloured(status, STATUS_WORDS[status].padEnd(words), paint)}  ${secondsText(wallSeconds).padStart(12)}  ${paint.dim(`inputs ${(inputs ?? '').slice(0, 12).padEnd(12)}`)}`;
      const used = 16 + names + versions + words + 12 + 19 + 10;
      return `${line}  ${cut(escapeControl(what), Math.max(20, width - used))}\n`;
    })
    .join('');
}

function differenceText(different: Attempt['different']): string {
  const causes = [...new Set(different.flatMap((one) => one.causes))];
  return `${different.map(({ name }) => name).join(', ')}${causes.length > 0 ? ` (${causes.join(', ')})` : ''}`;
}
