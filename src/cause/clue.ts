import type { ArtefactVerdict, Difference, Hunk } from '../deb/types.ts';
import { stringPairs } from './strings.ts';

/** Two texts that stand against each other; '' where a side has nothing there. */
export type Pair = { readonly first: string; readonly second: string };

/** Bytes of both sides around the first one that differs. */
export type Window = {
  readonly start: number; // offset of the first byte of both
  readonly offset: number; // of the first byte that differs
  readonly first: Buffer;
  readonly second: Buffer;
};

/** A difference, taken apart into what detectors look at. */
export type Clue = {
  readonly difference: Difference;
  readonly name: string; // the last link of its trail
  readonly within: readonly string[]; // the links before
  readonly pairs: readonly Pair[];
  readonly lines: { readonly first: readonly string[]; readonly second: readonly string[] } | undefined; // those that differ and those around them
  readonly whole: boolean; // whether these are all
  readonly window: Window | undefined;
};

/** More are not looked at; the first of many equal leaks tells as much as all of them. */
const MOST_PAIRS = 200;
const MOST_CHARACTERS = 4000;

/** The clues of an artefact, one for each difference. */
export function cluesOf({ differences }: ArtefactVerdict): readonly Clue[] {
  const alone = differences.filter(({ what }) => what.kind === 'only-in');
  return differences.map((difference) => {
    const { trail, what } = difference;
    const window = windowOf(what);
    const pairs = what.kind === 'only-in' ? namePairs(difference, alone) : pairsOf(what, window);
    return {
      difference,
      name: trail.at(-1) ?? '',
      within: trail.slice(0, -1),
      pairs: pairs.slice(0, MOST_PAIRS).map(({ first, second }) => ({ first: cut(first), second: cut(second) })),
      lines: what.kind === 'text' ? linesOf(what.hunks) : undefined,
      whole: what.kind === 'text' && what.more === 0,
      window,
    };
  });
}

function cut(text: string): string {
  return text.slice(0, MOST_CHARACTERS);
}

function pairsOf(what: Difference['what'], window: Window | undefined): readonly Pair[] {
  switch (what.kind) {
    case 'text':
      return what.hunks.flatMap(hunkPairs);
    case 'field':
      return [{ first: what.first ?? '', second: what.second ?? '' }];
    case 'attribute':
      return ['link', 'name', 'pax'].includes(what.attribute) ? [{ first: what.first, second: what.second }] : [];
    case 'content':
      return window === undefined ? [] : stringPairs(window);
    case 'only-in':
    case 'order':
    case 'encoding':
    case 'unreadable':
      return [];
    default:
      return what satisfies never;
  }
}

/** Lines of a hunk against each other: each run of removed lines with the run of added ones behind it. */
function hunkPairs({ lines }: Hunk): readonly Pair[] {
  const pairs: Pair[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      pairs.push({ first: removed[index] ?? '', second: added[index] ?? '' });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.startsWith('-')) {
      if (added.length > 0) flush();
      removed.push(line.slice(1));
    } else if (line.startsWith('+')) added.push(line.slice(1));
    else flush();
  }
  flush();
  return pairs;
}

function linesOf(hunks: readonly Hunk[]): { first: readonly string[]; second: readonly string[] } {
  const all = hunks.flatMap(({ lines }) => lines).filter((line) => line.length > 1);
  const without = (sign: string): readonly string[] => all.filter((line) => !line.startsWith(sign)).map((line) => line.slice(1));
  return { first: without('+'), second: without('-') };
}

function windowOf(what: Difference['what']): Window | undefined {
  if (what.kind !== 'content') return undefined;
  const { offset, window, firstBytes, secondBytes } = what;
  if (window === undefined) {
    return { start: offset, offset, first: Buffer.from(firstBytes, 'hex'), second: Buffer.from(secondBytes, 'hex') };
  }
  return { start: window.start, offset, first: Buffer.from(window.first, 'base64'), second: Buffer.from(window.second, 'base64') };
}

/** A member that only one side has, against the one of the other side whose name is most like it in the same place. */
function namePairs({ trail, what }: Difference, alone: readonly Difference[]): readonly Pair[] {
  if (what.kind !== 'only-in') return [];
  const name = trail.at(-1) ?? '';
  const place = trail.slice(0, -1).join('\0');
  const others = alone
    .filter((other) => other.what.kind === 'only-in' && other.what.side !== what.side)
    .filter((other) => trail.length > 1 && other.trail.slice(0, -1).join('\0') === place)
    .slice(0, MOST_PAIRS)
    .map((other) => other.trail.at(-1) ?? '')
    .filter((other) => alike(name, other) > 0);
  let like = '';
  for (const other of others) if (like === '' || alike(name, other) > alike(name, like)) like = other;
  return [what.side === 'first' ? { first: name, second: like } : { first: like, second: name }];
}

/** Characters that two names have in common at their start and end. */
function alike(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < most - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return start + end;
}
