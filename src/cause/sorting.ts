import { byBytes } from '../base/order.ts';

type Compare = (a: string, b: string) => number;

/** Whether each item is where a sort would have it. */
export function isSorted(items: readonly string[], compare: Compare): boolean {
  return items.every((item, index) => index === 0 || compare(items[index - 1] ?? '', item) <= 0);
}

/** As the locales of natural languages sort: letters first, without case, accents and punctuation. */
export function bySound(a: string, b: string): number {
  return byBytes(soundOf(a), soundOf(b));
}

function soundOf(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}

/** Numbers by their value. */
function byNumbers(a: string, b: string): number {
  const [x, y] = [Number(/\d+/.exec(a)?.[0] ?? Number.NaN), Number(/\d+/.exec(b)?.[0] ?? Number.NaN)];
  return x - y || byBytes(a, b);
}

const COMPARES: readonly Compare[] = [byBytes, bySound, byNumbers];

/** More are not counted through: every pair of them is. */
const MOST_ITEMS = 100;
/** Of orders that are mere chance three in a thousand are so far from the middle: a list of six has to be in order, one of eight may have two pairs turned. */
const FAR = 2.75;

/**
 * Whether items are in an order, forwards or backwards, but for few that stand elsewhere: what several processes make at once is only nearly in order.
 * It counts the pairs that stand the wrong way round, against what chance would give (Kendall's test of rank correlation).
 */
export function isNearlySorted(items: readonly string[]): boolean {
  const few = items.slice(0, MOST_ITEMS);
  const count = few.length;
  const middle = (count * (count - 1)) / 4;
  const deviation = Math.sqrt((count * (count - 1) * (2 * count + 5)) / 72);
  return COMPARES.some((compare) => Math.abs(turned(few, compare) - middle) >= FAR * deviation && count > 1);
}

function turned(items: readonly string[], compare: Compare): number {
  return items.reduce((sum, item, index) => sum + items.slice(0, index).filter((before) => compare(before, item) > 0).length, 0);
}

/** What is in one order, forwards or backwards, without an exception, with all of [from, to) in it: [start, end); undefined when that part is in none. */
export function runAround(items: readonly string[], from: number, to: number): readonly [number, number] | undefined {
  const both = COMPARES.flatMap((compare) => [compare, (a: string, b: string) => compare(b, a)]);
  const compare = both.find((one) => isSorted(items.slice(from, to), one));
  if (compare === undefined) return undefined;
  let [start, end] = [from, to];
  while (start > 0 && compare(items[start - 1] ?? '', items[start] ?? '') < 0) start -= 1;
  while (end < items.length && compare(items[end - 1] ?? '', items[end] ?? '') < 0) end += 1;
  return [start, end];
}
