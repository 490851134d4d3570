import { escapeControl } from '../base/escape.ts';
import type { Failure } from '../base/result.ts';
import type { Paint } from './paint.ts';
import type { Report } from './report.ts';
import { counts } from './sentence.ts';

/** How the run of one source of the archive ended. */
export type ArchiveRow = { readonly name: string; readonly report: Report | undefined; readonly failure: Failure | undefined };

/** One line for each source: whether it reproduces, differs and why, or cannot be known and why. */
export function archiveTable(rows: readonly ArchiveRow[], paint: Paint): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const reproducing = rows.filter(({ report }) => report?.verify?.outcome === 'reproduces').length;
  const lines = rows.map((row) => `${escapeControl(row.name).padEnd(width)}  ${words(row, paint)}`);
  return `\n${[...lines, `${reproducing} of ${rows.length} reproduce`].join('\n')}\n`;
}

function words({ report, failure }: ArchiveRow, paint: Paint): string {
  const verify = report?.verify;
  if (verify === undefined) return `${paint.yellow('cannot be known')}: ${escapeControl(failure?.message ?? 'nothing was built')}`;
  const all = report?.artefacts.length ?? 0;
  if (verify.outcome === 'reproduces') return `${paint.green('reproduces')}, ${all} ${all === 1 ? 'package' : 'packages'}`;
  const differing = report?.artefacts.filter(counts).length ?? 0;
  const why = verify.reasons.slice(0, 2).map(escapeControl).join('; ');
  return `${paint.red(verify.outcome === 'toolchain' ? 'differs, the toolchain changed' : 'differs')}, ${differing} of ${all}: ${why}`;
}
