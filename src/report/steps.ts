import { escapeControl } from '../base/escape.ts';
import type { StepResult } from '../build/types.ts';
import type { Paint } from './paint.ts';
import type { Report } from './report.ts';
import { bytesText, secondsText } from './units.ts';

/** A step of both builds; the side that did not come so far lacks it. */
export type StepPair = { readonly name: string; readonly first: StepResult | undefined; readonly second: StepResult | undefined };

/** Steps of one name belong together; a build that stopped early lacks the later ones. */
export function pairsOf(first: readonly StepResult[], second: readonly StepResult[]): readonly StepPair[] {
  const names = (first.length >= second.length ? first : second).map(({ name }) => name);
  return names.map((name, index) => ({ name, first: first[index], second: second[index] }));
}

/** Seconds that a build must take before its steps are worth a table: below that, the table would be longer than the wait. */
const WORTH_A_TABLE = 60;

/** What each step of both builds took, as lines of a table; nothing when the builds were short. */
export function stepsText({ builds }: Report, paint: Paint): string {
  const { first, second } = builds;
  if (Math.max(first?.wallSeconds ?? 0, second?.wallSeconds ?? 0) < WORTH_A_TABLE) return '';
  const pairs = pairsOf(first?.steps ?? [], second?.steps ?? []);
  const rows = [
    ['step', 'wall, first', 'second', 'CPU, first', 'second', 'memory, first', 'second'],
    ...pairs.map((pair) => [escapeControl(pair.name), ...cells(pair)]),
    ['in all', ...cells({ name: '', first: sum(first?.steps), second: sum(second?.steps) })],
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, column, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, index) => `${index === 0 ? paint.dim(line) : line}\n`).join('');
}

/** Names to the left, numbers to the right. */
function pad(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** First and second build next to each other, for each measure. */
function cells({ first, second }: StepPair): string[] {
  const shown = (value: number | undefined, text: (value: number) => string): string => (value ? text(value) : '–');
  return [
    shown(first?.wallSeconds, secondsText),
    shown(second?.wallSeconds, secondsText),
    shown(first?.cpuSeconds, secondsText),
    shown(second?.cpuSeconds, secondsText),
    shown(first?.peakMemoryBytes, bytesText),
    shown(second?.peakMemoryBytes, bytesText),
  ];
}

/** All steps of one build: times add up, memory does not. */
function sum(steps: readonly StepResult[] | undefined): StepResult | undefined {
  const [first] = steps ?? [];
  if (steps === undefined || first === undefined) return undefined;
  const total = (of: 'wallSeconds' | 'cpuSeconds'): number => steps.reduce((all, step) => all + step[of], 0);
  const peakMemoryBytes = Math.max(...steps.map((step) => step.peakMemoryBytes));
  return { ...first, wallSeconds: total('wallSeconds'), cpuSeconds: total('cpuSeconds'), peakMemoryBytes };
}
