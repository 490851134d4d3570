import { type Sha256, type Sha256Stream, sha256Stream } from '../base/digest.ts';
import { ByteReader } from '../format/reader.ts';
import { from, type Opening, type Side } from './opening.ts';

/** Two contents that are not equal. */
export type ContentDifference = {
  readonly offset: number; // of the first byte that differs, or where the shorter one ends
  readonly first: Sha256;
  readonly second: Sha256;
  readonly firstBytes: string; // up to 16 bytes from the offset on, in hex
  readonly secondBytes: string;
  readonly heads: { readonly first: Uint8Array; readonly second: Uint8Array }; // what each starts with, up to 512 bytes
  readonly held: { readonly first: Uint8Array; readonly second: Uint8Array } | undefined; // both, when both are at most as long as was to be held
};

const PIECE_BYTES = 1024 * 1024;
const SHOWN_BYTES = 16;
const HEAD_BYTES = 512;
const NOTHING = new Uint8Array(0);

/**
 * Reads two contents in step to their ends; neither is held beyond a piece, but for short ones.
 *
 * @param holdBytes contents up to this length come back whole when they differ
 * @returns undefined when they are equal
 * @throws Unreadable with its side
 */
export async function compareContent(
  first: AsyncIterable<Uint8Array>,
  second: AsyncIterable<Uint8Array>,
  holdBytes: number,
): Promise<ContentDifference | undefined> {
  const one = new ByteReader(first);
  const two = new ByteReader(second);
  const common = sha256Stream();
  const kept = holdBytes > 0 ? { bytes: [] as Uint8Array[], size: 0 } : undefined;
  let head: Uint8Array = NOTHING;
  let a: Uint8Array | undefined = NOTHING;
  let b: Uint8Array | undefined = NOTHING;
  try {
    while (true) {
      // Both at once: decompressors of zlib work on other threads.
      [a, b] = await Promise.all([
        a?.length === 0 ? from('first', one.some(PIECE_BYTES)) : a,
        b?.length === 0 ? from('second', two.some(PIECE_BYTES)) : b,
      ]);
      if (a === undefined && b === undefined) return undefined;
      const equal = equalLength(a ?? NOTHING, b ?? NOTHING);
      const same: Uint8Array = (a ?? NOTHING).subarray(0, equal);
      common.update(same);
      keep(kept, same, holdBytes);
      head = filled(head, same, HEAD_BYTES);
      a = a?.subarray(equal);
      b = b?.subarray(equal);
      if (a === undefined || b === undefined || (a.length > 0 && b.length > 0)) break;
    }
    const prefix = kept !== undefined && kept.size <= holdBytes ? kept.bytes : undefined;
    const start = { hash: common, head, prefix, holdBytes };
    const [x, y] = await Promise.all([rest('first', one, a ?? NOTHING, start), rest('second', two, b ?? NOTHING, start)]);
    const held = x.held === undefined || y.held === undefined ? undefined : { first: x.held, second: y.held };
    return {
      offset: common.size,
      first: x.digest,
      second: y.digest,
      firstBytes: x.shown,
      secondBytes: y.shown,
      heads: { first: x.head, second: y.head },
      held,
    };
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}

/** Where two contents part first; undefined when they are equal. */
export async function firstDifference(first: Opening, second: Opening): Promise<number | undefined> {
  return (await compareContent(first(), second(), 0))?.offset;
}

type Common = {
  readonly hash: Sha256Stream;
  readonly head: Uint8Array;
  readonly prefix: readonly Uint8Array[] | undefined;
  readonly holdBytes: number;
};
type Rest = { readonly digest: Sha256; readonly shown: string; readonly head: Uint8Array; readonly held: Uint8Array | undefined };

/** Reads one side to its end, from the first byte that differs. */
async function rest(
  side: Side,
  reader: ByteReader,
  start: Uint8Array,
  { hash: common, head: commonHead, prefix, holdBytes }: Common,
): Promise<Rest> {
  const hash = common.fork();
  const kept = prefix === undefined ? undefined : { bytes: [...prefix], size: hash.size };
  let shown: Uint8Array = NOTHING;
  let head = commonHead;
  let piece: Uint8Array | undefined = start;
  while (piece !== undefined) {
    hash.update(piece);
    keep(kept, piece, holdBytes);
    shown = filled(shown, piece, SHOWN_BYTES);
    head = filled(head, piece, HEAD_BYTES);
    piece = await from(side, reader.some(PIECE_BYTES));
  }
  const held = kept !== undefined && kept.size <= holdBytes ? Buffer.concat(kept.bytes) : undefined;
  return { digest: hash.digest(), shown: Buffer.from(shown).toString('hex'), head, held };
}

function keep(kept: { bytes: Uint8Array[]; size: number } | undefined, piece: Uint8Array, holdBytes: number): void {
  if (kept === undefined) return;
  kept.size += piece.length;
  if (kept.size <= holdBytes)
    kept.bytes.push(Uint8Array.from(piece)); // a copy: a view would keep the whole piece alive
  else kept.bytes.length = 0;
}

function filled(start: Uint8Array, piece: Uint8Array, length: number): Uint8Array {
  return start.length >= length ? start : Buffer.concat([start, piece.subarray(0, length - start.length)]);
}

/** How many bytes from the start on are the same in both. */
function equalLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  if (Buffer.compare(a.subarray(0, length), b.subarray(0, length)) === 0) return length;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return at;
}
