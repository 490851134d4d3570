import type { Pair } from './clue.ts';

/** Stands for what a mask explained, on both sides. No text of an output has it: readers of text refuse the character. */
const MARK = '\u{f8ff}';

/** Both sides without the values, when each side has its own equally often and in the same places of the text. */
export function swapped({ first, second }: Pair, one: string, two: string): Pair | undefined {
  if (one === two || one === '' || two === '') return undefined;
  const x = split(first, one);
  const y = split(second, two);
  if (x.length < 2 || x.length !== y.length) return undefined;
  return { first: x.join(MARK), second: y.join(MARK) };
}

/** Whether a text has the value, not as part of a longer word. */
export function holds(text: string, value: string): boolean {
  return split(text, value).length > 1;
}

function split(text: string, value: string): readonly string[] {
  // A value that starts or ends with a sign of its own, such as a path, needs no other sign around it.
  const [before, behind] = [/^[A-Za-z0-9]/.test(value) ? '(?<![A-Za-z0-9])' : '', /[A-Za-z0-9]$/.test(value) ? '(?![A-Za-z0-9])' : ''];
  return text.split(new RegExp(`${before}${RegExp.escape(value)}${behind}`));
}

/** A stretch of a text. */
export type Span = { readonly start: number; readonly end: number };

/** Both texts with the spans replaced by the mark; the spans are in the order of the text and do not overlap. */
export function masked({ first, second }: Pair, spans: readonly { readonly first: Span; readonly second: Span }[]): Pair {
  return {
    first: without(
      first,
      spans.map((span) => span.first),
    ),
    second: without(
      second,
      spans.map((span) => span.second),
    ),
  };
}

function without(text: string, spans: readonly Span[]): string {
  let at = 0;
  let left = '';
  for (const { start, end } of spans) {
    left += text.slice(at, start) + MARK;
    at = end;
  }
  return left + text.slice(at);
}

/** What a pattern matches on both sides, in step, where it is not the same; undefined unless both have it equally often and it differs somewhere. */
export function matchesIn(
  { first, second }: Pair,
  pattern: RegExp,
): readonly { readonly first: RegExpExecArray; readonly second: RegExpExecArray }[] | undefined {
  const one = [...first.matchAll(pattern)];
  const two = [...second.matchAll(pattern)];
  if (one.length === 0 || one.length !== two.length) return undefined;
  const both = one.flatMap((match, index) => {
    const other = two[index];
    return other === undefined || other[0] === match[0] ? [] : [{ first: match, second: other }];
  });
  return both.length === 0 ? undefined : both;
}

/** The span of a match. */
export function spanOf(match: RegExpExecArray): Span {
  return { start: match.index, end: match.index + match[0].length };
}
