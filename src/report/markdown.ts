import { escapeControl } from '../base/escape.ts';
import type { ArtefactVerdict } from '../deb/types.ts';
import { placesOfArtefact } from './places.ts';
import type { ExplainedArtefact, Report } from './report.ts';
import { counts, verdictSentence } from './sentence.ts';
import { secondsText } from './units.ts';
import { factsOf } from './verify.ts';

/** Lines of differences for each output; the whole stands in report.html. */
const MOST_PLACES = 12;
/** A job summary on GitHub may have 1 MiB for all that a step writes. */
const MOST_ROWS = 500;

/** The report as GitHub-flavoured Markdown: the verdict, a table of the outputs, and where they differ. */
export function markdownText(report: Report): string {
  const { verdict, artefacts, recipe, failure, varied, wallSeconds } = report;
  const lines = [
    `## ${mark(verdict === 'reproducible')} ${markdownPlain(recipe.name)}: ${verdict.replaceAll('-', ' ')}`,
    '',
    markdownPlain(verdictSentence(report)),
    '',
  ];
  if (artefacts.length > 0) {
    lines.push('| artefact | sha256 | verdict |', '| --- | --- | --- |', ...artefacts.slice(0, MOST_ROWS).flatMap(rows));
    if (artefacts.length > MOST_ROWS) lines.push('', `and ${artefacts.length - MOST_ROWS} more`);
    lines.push('');
  }
  for (const artefact of artefacts.filter(counts).slice(0, MOST_ROWS)) lines.push(...differenceLines(artefact));
  if (report.verify) lines.push(...factsOf(report.verify).map(([name, text]) => `- ${name}: ${markdownPlain(text)}`), '');
  if (typeof failure?.['next'] === 'string') lines.push(`**Next:** ${markdownPlain(failure['next'])}`, '');
  if (report.why && report.why.guilty.length > 0) lines.push(`**Matters:** ${report.why.guilty.map(markdownCode).join(', ')}`, '');
  if (report.prediction) {
    const left = report.prediction.leavesOut.map(({ what }) => markdownPlain(what)).join(', ');
    lines.push(`**${markdownPlain(report.prediction.profile)}:** ${markdownPlain(report.prediction.sentence)}. Left out: ${left}.`, '');
  }
  if (varied.length > 0)
    lines.push(`Varied: ${varied.map(({ name }) => markdownCode(name)).join(', ')}. Took ${secondsText(wallSeconds)}.`, '');
  return lines.join('\n');
}

function mark(good: boolean): string {
  return good ? '✅' : '❌';
}

function rows({ name, verdict, first, second }: ArtefactVerdict): string[] {
  const row = (digest: string | undefined, words: string): string =>
    `| ${markdownCode(name)} | ${digest === undefined ? '' : markdownCode(digest)} | ${words} |`;
  switch (verdict) {
    case 'equal':
      return [row(first?.sha256, 'equal')];
    case 'not-counted':
      return [row(first?.sha256, 'does not count')];
    case 'different':
      return [row(first?.sha256, '**different** (first)'), row(second?.sha256, '**different** (second)')];
    case 'only-in-first':
    case 'only-in-second':
      return [row((first ?? second)?.sha256, `**only in the ${verdict.slice(8)} build**`)];
    default:
      return verdict satisfies never;
  }
}

function differenceLines(artefact: ExplainedArtefact): string[] {
  const places = placesOfArtefact(artefact, MOST_PLACES);
  if (places.length === 0) return [];
  const list = places.map((line) => (line.startsWith('  ') ? `  - ${markdownVisible(line.trim())}` : `- ${markdownVisible(line)}`));
  return [`**${markdownPlain(artefact.name)}**`, '', ...list, ''];
}

/** Text from outside as Markdown text: nothing in it is a link, a mention, markup or a new line. */
export function markdownPlain(text: string): string {
  return markdownVisible(escapeControl(text));
}

/**
 * The same for text that went through `escapeControl`. A backslash before ASCII punctuation makes it a plain sign (CommonMark, 2.4); dashes and
 * numbers make lists where a line begins, and addresses are links of their own in GFM.
 */
function markdownVisible(text: string): string {
  return text
    .replace(/[\\`*_[\]<>#|~@&$]/g, (sign) => `\\${sign}`)
    .replace(/^[-+=]/, (sign) => `\\${sign}`)
    .replace(/^\d+(?=[.)])/, (number) => `${number}\\`)
    .replaceAll('://', ':\\//')
    .replaceAll(/www\./gi, (start) => `${start.slice(0, 3)}\\.`);
}

/** Text from outside as a code span that may stand in a table (GFM, 4.10: a pipe is escaped there even in code). */
export function markdownCode(text: string): string {
  const shown = escapeControl(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = /^`|`$|^ .* $/.test(shown) || shown === '' ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}
