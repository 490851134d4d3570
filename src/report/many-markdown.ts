import { countsText, type ManyReport, reasonText, STATUS_WORDS, standing } from './many.ts';
import { markdownCode, markdownPlain } from './markdown.ts';
import { secondsText } from './units.ts';

/** A job summary on GitHub may have 1 MiB for all that a step writes. */
const MOST_ROWS = 500;

/** A whole list as GitHub-flavoured Markdown: what it comes to, and a row for each package that is not reproducible. */
export function manyMarkdown(report: ManyReport): string {
  const others = report.results.filter(({ status }) => status !== 'reproducible');
  const lines = [
    `## ${report.complete && others.length === 0 ? '✅' : '❌'} ${markdownPlain(report.name)}: ${countsText(report)}`,
    '',
    `${report.results.length} packages in ${secondsText(report.wallSeconds)}.${report.stopped ? ` Stopped: ${markdownPlain(report.stopped.message)}` : ''}`,
    '',
  ];
  if (others.length === 0) return lines.join('\n');
  lines.push('| package | version | status | why |', '| --- | --- | --- | --- |');
  for (const one of others.slice(0, MOST_ROWS)) {
    const version = one.version === null ? '' : markdownCode(one.version);
    lines.push(`| ${markdownCode(one.name)} | ${version} | **${STATUS_WORDS[standing(one)]}** | ${markdownPlain(reasonText(one))} |`);
  }
  if (others.length > MOST_ROWS) lines.push('', `and ${others.length - MOST_ROWS} more`);
  return `${lines.join('\n')}\n`;
}
