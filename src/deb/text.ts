import { isUtf8 } from 'node:buffer';
import { diffArrays } from 'diff';
import { decodeName } from '../format/name.ts';
import type { Difference, Hunk } from './types.ts';

type Text = Extract<Difference['what'], { kind: 'text' }>;

/** How much of a text difference is kept. */
const MOST_BYTES = 4 * 1024 * 1024; // of each side: a longer text is shown as bytes
const MOST_EDITS = 1000; // beyond, the search for the shortest list of changes takes too much memory
const MOST_HUNKS = 20;
const MOST_HUNK_LINES = 60;
const MOST_LINE = 400; // UTF-16 units of one line
const CONTEXT = 3;
const LEAD = 80; // units that are kept in front of the place where two cut lines part

/** The lines of a content when it is text: UTF-8, or one byte a sign, without control characters; undefined when it is none. */
export function linesOf(bytes: Uint8Array): readonly string[] | undefined {
  if (bytes.length > MOST_BYTES || bytes.includes(0)) return undefined;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of these
  if (/[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]/.test(buffer.toString('latin1'))) return undefined;
  if (isUtf8(buffer)) return buffer.toString('utf8').split('\n');
  const high = buffer.reduce((count, byte) => count + (byte >> 7), 0);
  return high > buffer.length / 4 ? undefined : decodeName(buffer).split('\n'); // Latin-1 and the like; more signs above ASCII than that are no text
}

/** A unified diff of two lists of lines; undefined when they are equal. */
export function textDifference(first: readonly string[], second: readonly string[]): Text | undefined {
  let start = 0;
  while (start < first.length && start < second.length && first[start] === second[start]) start += 1;
  if (start === first.length && start === second.length) return undefined;
  let end = 0;
  while (end < Math.min(first.length, second.length) - start && first.at(-1 - end) === second.at(-1 - end)) end += 1;
  const [one, two] = [first.slice(start, first.length - end), second.slice(start, second.length - end)];
  const changes = changesOf(one, two);
  const all: Hunk[] = [];
  let more = 0;
  for (const hunk of hunksOf(first, second, start, changes)) {
    if (all.length >= MOST_HUNKS) {
      more += 1;
      continue;
    }
    const shown = cut(hunk);
    if (shown.lines.length < hunk.lines.length) more += 1;
    all.push(shown);
  }
  return { kind: 'text', hunks: all, more };
}

/** A stretch of lines that is replaced by another one; places are within what was compared. */
type Change = { readonly first: number; readonly removed: number; readonly second: number; readonly added: number };

function changesOf(one: readonly string[], two: readonly string[]): readonly Change[] {
  const parts = one.length === 0 || two.length === 0 ? undefined : diffArrays([...one], [...two], { maxEditLength: MOST_EDITS });
  if (parts === undefined) return [{ first: 0, removed: one.length, second: 0, added: two.length }];
  const changes: Change[] = [];
  let [first, second] = [0, 0];
  for (const { added, removed, value } of parts) {
    const last = changes.at(-1);
    const joined = last !== undefined && last.first + last.removed === first && last.second + last.added === second;
    if (added || removed) {
      const change = { first, removed: removed ? value.length : 0, second, added: added ? value.length : 0 };
      if (joined) changes[changes.length - 1] = { ...last, removed: last.removed + change.removed, added: last.added + change.added };
      else changes.push(change);
    }
    if (!added) first += value.length;
    if (!removed) second += value.length;
  }
  return changes;
}

/** Changes that stand near each other go into one hunk, with lines of context around them. */
function* hunksOf(first: readonly string[], second: readonly string[], start: number, changes: readonly Change[]): Generator<Hunk> {
  let from = 0;
  while (from < changes.length) {
    let to = from + 1;
    while (to < changes.length && (changes[to]?.first ?? 0) - endOf(changes[to - 1]) <= 2 * CONTEXT) to += 1;
    const group = changes.slice(from, to);
    const lines: string[] = [];
    const firstAt = start + (group[0]?.first ?? 0);
    const lead = Math.min(CONTEXT, firstAt);
    let at = firstAt - lead;
    for (const change of group) {
      const { removed, added } = change;
      lines.push(...marked(' ', first, at, start + change.first));
      lines.push(...marked('-', first, start + change.first, start + change.first + removed));
      lines.push(...marked('+', second, start + change.second, start + change.second + added));
      at = start + change.first + removed;
    }
    lines.push(...marked(' ', first, at, Math.min(first.length, at + CONTEXT)));
    yield { first: firstAt - lead + 1, second: start + (group[0]?.second ?? 0) - lead + 1, lines };
    from = to;
  }
}

function endOf(change: Change | undefined): number {
  return change === undefined ? 0 : change.first + change.removed;
}

/** More lines than a hunk may have are not even made. */
function marked(sign: string, lines: readonly string[], from: number, to: number): readonly string[] {
  return lines.slice(from, Math.min(to, from + MOST_HUNK_LINES)).map((line) => sign + line);
}

/** A hunk without what is too much of it: long runs of one sign are cut in their middle, long lines around the place where they part. */
function cut({ first, second, lines }: Hunk): Hunk {
  const removed = lines.filter((line) => line.startsWith('-'));
  const added = lines.filter((line) => line.startsWith('+'));
  const counts = new Map<string, number>();
  const kept: string[] = [];
  for (const line of lines) {
    const sign = line.charAt(0);
    const count = counts.get(sign) ?? 0;
    counts.set(sign, count + 1);
    if (count >= MOST_HUNK_LINES / 3) continue;
    const like = sign === '-' ? added[count] : sign === '+' ? removed[count] : undefined;
    kept.push(cutLine(line, like));
  }
  return { first, second, lines: kept };
}

function cutLine(line: string, like: string | undefined): string {
  if (line.length <= MOST_LINE) return line;
  let at = 1;
  while (like !== undefined && at < line.length && line[at] === like[at]) at += 1;
  const start = like === undefined || at <= MOST_LINE - LEAD ? 1 : at - LEAD;
  const end = start + MOST_LINE;
  return `${line.charAt(0)}${start > 1 ? '…' : ''}${line.slice(start, end)}${end < line.length ? '…' : ''}`;
}
