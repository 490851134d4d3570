import { escapeControl } from '../base/escape.ts';
import type { Cause } from '../cause/types.ts';
import type { ArtefactVerdict, Difference } from '../deb/types.ts';
import { causeTeller } from './cause-lines.ts';
import { hunkLines } from './hunk-lines.ts';
import type { Paint } from './paint.ts';
import type { Report } from './report.ts';
import { verdictSentence } from './sentence.ts';
import { stepsText } from './steps.ts';
import { bytesText, secondsText } from './units.ts';
import { verificationText } from './verify.ts';

/** The verdict on one recipe, as lines for people. */
export function reportText(report: Report, paint: Paint): string {
  if (report.verify !== undefined) {
    const sides = report.verdict === 'different' ? 'first is what was published, second what was built here\n' : '';
    return `${sides}${artefactsText(report.artefacts, paint)}${verificationText(report.verify, paint)}${verificationLine(report, paint)}\n`;
  }
  const lines: string[] = [];
  if (report.varied.length > 0) {
    lines.push(`${paint.dim('varied')}  ${report.varied.map(({ name }) => name).join(', ')}`);
  }
  const untried = [...Map.groupBy(report.notVaried, ({ why }) => why)].map(
    ([why, some]) => `${some.map(({ name }) => name).join(', ')} (${why})`,
  );
  if (untried.length > 0) lines.push(`${paint.dim('not')}     ${escapeControl(untried.join(', '))}`);
  lines.push(verdictLine(report, paint), ...predictionLines(report, paint));
  return `${artefactsText(report.artefacts, paint)}${stepsText(report, paint)}${lines.join('\n')}\n`;
}

/** What this says of somebody else's verdict, and what it cannot say. */
function predictionLines({ prediction }: Report, paint: Paint): readonly string[] {
  if (!prediction) return [];
  const { profile, outcome, sentence, compares, leavesOut } = prediction;
  const colour = { passes: paint.green, fails: paint.red, unknown: paint.dim }[outcome];
  const left = leavesOut.map(({ what, why }) => (why.startsWith('not varied') ? `${what} (${why})` : what));
  return [`${colour(profile)}: ${sentence} (compared: ${compares})`, `${paint.dim('left out')}  ${escapeControl(left.join(', '))}`];
}

/** Lines of one text difference that are shown unless more are asked for. */
const MOST_LINES = 12;

type Shown = ArtefactVerdict & { readonly causes?: readonly Cause[] };

/**
 * Every output, where it parts from its twin, and why.
 *
 * @param mostLines of one text difference
 */
export function artefactsText(artefacts: readonly Shown[], paint: Paint, mostLines = MOST_LINES): string {
  return artefacts.flatMap((artefact) => artefactLines(artefact, paint, mostLines).map((line) => `${line}\n`)).join('');
}

function verdictLine(report: Report, paint: Paint): string {
  const { name } = report.recipe;
  const time = secondsText(report.wallSeconds);
  switch (report.verdict) {
    case 'reproducible':
      return `${paint.green(paint.bold('reproducible'))}: both builds of ${name} gave the same bytes (${time})`;
    case 'different': {
      const count = report.artefacts.filter(counts).length;
      return `${paint.red(paint.bold('different'))}: ${count} of ${report.artefacts.length} outputs of ${name} ${count === 1 ? 'is' : 'are'} not the same in both builds (${time})`;
    }
    case 'build-failed':
    case 'timeout':
    case 'unverified-input':
    case 'infrastructure':
      return `${paint.red(paint.bold(report.verdict))}: no verdict on ${name} (${time})`;
    default:
      return report.verdict satisfies never;
  }
}

function verificationLine(report: Report, paint: Paint): string {
  const word = report.verdict === 'reproducible' ? paint.green(paint.bold('reproduces')) : paint.red(paint.bold(report.verdict));
  return `${word}: ${escapeControl(verdictSentence(report))} (${secondsText(report.wallSeconds)})`;
}

/** Whether an artefact makes the two builds different. */
function counts({ verdict }: ArtefactVerdict): boolean {
  return verdict !== 'equal' && verdict !== 'not-counted';
}

function artefactLines(artefact: Shown, paint: Paint, mostLines: number): string[] {
  const name = escapeControl(artefact.name);
  const known = artefact.first ?? artefact.second;
  const facts = known ? paint.dim(`${known.sha256}  ${bytesText(known.size)}`) : '';
  switch (artefact.verdict) {
    case 'equal':
      return [`${paint.green('=')} ${name}`, `  ${facts}`];
    case 'not-counted':
      return [`${paint.dim('·')} ${name}  ${paint.dim(notCountedText(artefact))}`];
    case 'only-in-first':
    case 'only-in-second':
      return [`${paint.red('≠')} ${name}  ${paint.red(`only in the ${artefact.verdict.slice(8)} build`)}`];
    case 'different': {
      const more = artefact.more > 0 ? [`    and ${artefact.more} more`] : [];
      const why = causeTeller(artefact.differences, artefact.causes ?? [], paint);
      const tree = artefact.differences.flatMap((difference, index) => [...differenceLines(difference, paint, mostLines), ...why(index)]);
      return [
        `${paint.red('≠')} ${name}`,
        `  first   ${artefact.first?.sha256}  ${bytesText(artefact.first?.size ?? 0)}`,
        `  second  ${artefact.second?.sha256}  ${bytesText(artefact.second?.size ?? 0)}`,
        ...tree,
        ...more,
      ];
    }
    default:
      return artefact.verdict satisfies never;
  }
}

/** A .changes never counts; of a .buildinfo some fields do, and those are equal. */
function notCountedText({ name, first, second, differences }: ArtefactVerdict): string {
  if (first !== undefined && first.sha256 === second?.sha256) return 'equal';
  if (differences.length > 0) return 'differs, and does not count here';
  return name.endsWith('.buildinfo') ? 'equal in the fields that count' : 'does not count: it has dates and checksums of the others';
}

/** The members on the way to a difference, and what differs there. */
function differenceLines({ trail, what }: Difference, paint: Paint, mostLines: number): string[] {
  const way = trail.slice(1).map(escapeControl).join(' › ');
  const hunks = what.kind === 'text' ? hunkLines(what.hunks, what.more, mostLines, paint) : [];
  return [`    ${way === '' ? '' : `${way}: `}${whatText(what)}`, ...hunks.map((line) => `      ${line}`)];
}

/** What differs, as a sentence without its end; text from outside is escaped. */
export function whatText(what: Difference['what']): string {
  switch (what.kind) {
    case 'only-in':
      return `only in the ${what.side} build`;
    case 'attribute':
      return `${what.attribute} is ${escapeControl(what.first)} in the first build and ${escapeControl(what.second)} in the second`;
    case 'order':
      return `the members are in another order: ${escapeControl(what.first)} in the first build stands where ${escapeControl(what.second)} does in the second`;
    case 'content':
      return `content differs from byte ${what.offset} on: ${bytesShown(what.firstBytes)} in the first build, ${bytesShown(what.secondBytes)} in the second`;
    case 'text':
      return 'the text differs';
    case 'field':
      return `${escapeControl(what.field)} is ${fieldShown(what.first)} in the first build and ${fieldShown(what.second)} in the second`;
    case 'encoding':
      return `packed differently from byte ${what.offset} on; what is inside is equal`;
    case 'unreadable':
      return `bytes differ from ${what.offset} on, and we could not look inside (${what.side}): ${escapeControl(what.why)}`;
    default:
      return what satisfies never;
  }
}

function fieldShown(value: string | undefined): string {
  return value === undefined ? 'absent' : escapeControl(value);
}

/** Bytes as hex and, where they are text, as text. */
function bytesShown(hex: string): string {
  if (hex === '') return 'nothing (its end)';
  const text = Buffer.from(hex, 'hex').toString('latin1');
  const readable = [...text].filter((sign) => sign >= ' ' && sign <= '~').length;
  return readable >= text.length * 0.75 ? `"${escapeControl(text.replaceAll(/[^ -~]/g, '.'))}"` : hex;
}
