import { type Sha256, sha256 } from '../base/digest.ts';
import { ByteReader } from '../format/reader.ts';
import { from, type Opening, type Side } from './opening.ts';
import { filled, Seen } from './seen.ts';
import type { Difference } from './types.ts';

/** Two contents that are not equal. */
export type ContentDifference = {
  readonly offset: number; // of the first byte that differs, or where the shorter one ends
  readonly first: Sha256;
  readonly second: Sha256;
  readonly before: Uint8Array; // up to 512 bytes in front of the offset, the same on both sides
  readonly firstBytes: Uint8Array; // up to 512 bytes from the offset on
  readonly secondBytes: Uint8Array;
  readonly heads: { readonly first: Uint8Array; readonly second: Uint8Array }; // what each starts with, up to 512 bytes
  readonly held: { readonly first: Uint8Array; readonly second: Uint8Array } | undefined; // both, when both are at most as long as was to be held
};

const PIECE_BYTES = 1024 * 1024;
const SHOWN_BYTES = 16;
const AROUND_BYTES = 512; // in front of the first difference, and from it on
const NOTHING = new Uint8Array(0);

/**
 * Reads two contents in step to their ends; neither is held beyond a piece, but for short ones.
 *
 * @param holdBytes contents up to this length come back whole when they differ
 * @returns undefined when they are equal
 * @throws Unreadable with its side
 */
export async function compareContent(
  firstBytes: AsyncIterable<Uint8Array>,
  secondBytes: AsyncIterable<Uint8Array>,
  holdBytes: number,
): Promise<ContentDifference | undefined> {
  const one = new ByteReader(firstBytes);
  const two = new ByteReader(secondBytes);
  const common = new Seen(holdBytes);
  try {
    const parted = await readCommon(one, two, common);
    if (parted === undefined) return undefined;
    const [x, y] = await Promise.all([
      readRest('first', one, parted.first, common.fork()),
      readRest('second', two, parted.second, common.fork()),
    ]);
    const [first, second] = [x.seen.held(), y.seen.held()];
    return {
      offset: common.size,
      first: x.seen.digest(),
      second: y.seen.digest(),
      before: common.tail,
      firstBytes: x.shown,
      secondBytes: y.shown,
      heads: { first: x.seen.head, second: y.seen.head },
      held: first !== undefined && second !== undefined ? { first, second } : undefined,
    };
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

/** What is said of two contents that differ. */
export function contentWhat({ offset, first, second, before, firstBytes, secondBytes }: ContentDifference): Difference['what'] {
  const around = (bytes: Uint8Array) => Buffer.concat([before, bytes]).toString('base64');
  return {
    kind: 'content',
    offset,
    first,
    second,
    firstBytes: hex(firstBytes.subarray(0, SHOWN_BYTES)),
    secondBytes: hex(secondBytes.subarray(0, SHOWN_BYTES)),
    window: { start: offset - before.length, first: around(firstBytes), second: around(secondBytes) },
  };
}

/** The same of bytes that are in memory and differ. */
export function heldWhat(first: Uint8Array, second: Uint8Array): Difference['what'] {
  const offset = equalLength(first, second);
  return contentWhat({
    offset,
    first: sha256(first),
    second: sha256(second),
    before: first.subarray(Math.max(0, offset - AROUND_BYTES), offset),
    firstBytes: first.subarray(offset, offset + AROUND_BYTES),
    secondBytes: second.subarray(offset, offset + AROUND_BYTES),
    heads: { first, second },
    held: undefined,
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** Where two contents part first; undefined when they are equal. */
export async function firstDifference(first: Opening, second: Opening): Promise<number | undefined> {
  return (await compareContent(first(), second(), 0))?.offset;
}

/** Reads as long as both are equal; gives what stands at the first difference on each side, or undefined when both end. */
async function readCommon(one: ByteReader, two: ByteReader, common: Seen): Promise<{ first: Uint8Array; second: Uint8Array } | undefined> {
  let a: Uint8Array | undefined = NOTHING;
  let b: Uint8Array | undefined = NOTHING;
  while (true) {
    // Both at once: decompressors of zlib work on other threads.
    [a, b] = await Promise.all([
      a.length === 0 ? from('first', one.some(PIECE_BYTES)) : a,
      b.length === 0 ? from('second', two.some(PIECE_BYTES)) : b,
    ]);
    if (a === undefined && b === undefined) return undefined;
    if (a === undefined || b === undefined) return { first: a ?? NOTHING, second: b ?? NOTHING };
    const equal = equalLength(a, b);
    common.add(a.subarray(0, equal));
    a = a.subarray(equal);
    b = b.subarray(equal);
    if (a.length > 0 && b.length > 0) return { first: a, second: b };
  }
}

/** Reads one side to its end, from the first byte that differs. */
async function readRest(side: Side, reader: ByteReader, start: Uint8Array, seen: Seen): Promise<{ seen: Seen; shown: Uint8Array }> {
  let shown: Uint8Array = NOTHING;
  let piece: Uint8Array | undefined = start;
  while (piece !== undefined) {
    seen.add(piece);
    shown = filled(shown, piece, AROUND_BYTES);
    piece = await from(side, reader.some(PIECE_BYTES));
  }
  return { seen, shown };
}

/** How many bytes from the start on are the same in both. */
function equalLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length;
  let at = 0;
  while (at < length && a[at] === b[at]) at += 1;
  return at;
}
