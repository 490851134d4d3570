import type { Pair, Window } from './clue.ts';

type Run = { readonly start: number; readonly text: string };

const SHORTEST = 2;

/** What strings(1) would find in both windows, set against each other: in the same number as runs of text, or only those at the first difference. */
export function stringPairs({ start, offset, first, second }: Window): readonly Pair[] {
  const at = offset - start;
  const [one, two] = [runsOf(first), runsOf(second)];
  const paired = one.length === two.length ? one.map(({ text }, index) => ({ first: text, second: two[index]?.text ?? '' })) : [];
  const differing = paired.filter((pair) => pair.first !== pair.second);
  // With much that is alike, pairs in step are right; otherwise only the text at the difference is known to belong together.
  if (differing.length > 0 && (one.length === 1 || differing.length * 2 <= one.length)) return differing;
  const [x, y] = [runAt(one, at), runAt(two, at)];
  return x === undefined || y === undefined || x === y ? [] : [{ first: x, second: y }];
}

function runAt(runs: readonly Run[], at: number): string | undefined {
  return runs.findLast(({ start, text }) => start <= at && at <= start + Buffer.byteLength(text))?.text;
}

/** Stretches of printable text, cut at line ends and at every other control character. */
function runsOf(bytes: Buffer): readonly Run[] {
  const runs: Run[] = [];
  let from = 0;
  for (let index = 0; index <= bytes.length; index += 1) {
    const byte = bytes[index];
    if (byte !== undefined && ((byte >= 0x20 && byte !== 0x7f) || byte === 0x09)) continue;
    const text = bytes.toString('utf8', from, index);
    if (index - from >= SHORTEST && !text.includes('\ufffd')) runs.push({ start: from, text });
    from = index + 1;
  }
  return runs;
}
