import { Bits, Bzip2Error } from './bits.ts';
import { readBlock } from './bzip2-block.ts';
import { ByteReader } from './reader.ts';

const MOST_BLOCK_BYTES = 4 * 1024 * 1024; // a compressed block of 900,000 symbols of 20 bits and its tables is smaller
const STREAM_MAGIC = 0x425a68; // BZh
const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;
const PIECE_BYTES = 256 * 1024;

/**
 * Decompresses a whole bzip2 file, also of several streams one behind the other (as pbzip2 writes them), with check sums looked at. Own code: what there is
 * for JavaScript wants the whole file in memory, or forgives broken ones.
 *
 * @throws Bzip2Error, or what reading `bytes` throws
 */
export async function* readBzip2(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  const bits = new Bits();
  try {
    for (let streams = 0; ; streams += 1) {
      await fill(reader, bits);
      if (bits.left === 0 && streams > 0) return;
      if (bits.take(24) !== STREAM_MAGIC)
        throw new Bzip2Error(streams === 0 ? 'it does not start as bzip2' : 'something else stands behind its end');
      yield* readStream(reader, bits);
    }
  } finally {
    await reader.close();
  }
}

async function* readStream(reader: ByteReader, bits: Bits): AsyncGenerator<Uint8Array> {
  const level = bits.take(8) - 0x30;
  if (level < 1 || level > 9) throw new Bzip2Error('its block size is none');
  let combined = 0;
  while (true) {
    await fill(reader, bits);
    const magic = bits.take(24) * 0x1000000 + bits.take(24);
    const crc = bits.take(32);
    if (magic === END_MAGIC) {
      if (crc !== combined) throw new Bzip2Error('its check sum is wrong');
      return bits.align();
    }
    if (magic !== BLOCK_MAGIC) throw new Bzip2Error('a block does not start as one');
    const sum = { crc: 0xffffffff };
    yield* unrolled(readBlock(bits, level * 100_000), sum);
    if (~sum.crc >>> 0 !== crc) throw new Bzip2Error('the check sum of a block is wrong');
    combined = (((combined << 1) | (combined >>> 31)) ^ crc) >>> 0;
  }
}

/** Enough bytes for a whole block, or all that there are. */
async function fill(reader: ByteReader, bits: Bits): Promise<void> {
  if (bits.left >= MOST_BLOCK_BYTES) return;
  bits.add(await reader.upTo(2 * MOST_BLOCK_BYTES - bits.left));
}

/** Spells out runs, in pieces, and sums up what comes out. */
function* unrolled(bytes: Uint8Array, sum: { crc: number }): Generator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let [at, same, last] = [0, 0, -1];
  for (const byte of bytes) {
    const times = same === 4 ? byte : 1;
    const value = same === 4 ? last : byte;
    if (at + times > PIECE_BYTES) {
      yield piece.subarray(0, at);
      piece = new Uint8Array(PIECE_BYTES);
      at = 0;
    }
    for (let left = times; left > 0; left -= 1) {
      sum.crc = (sum.crc << 8) ^ (CRC[((sum.crc >>> 24) ^ value) & 0xff] ?? 0);
      piece[at] = value;
      at += 1;
    }
    same = same === 4 ? 0 : byte === last ? same + 1 : 1;
    last = same === 0 ? -1 : byte;
  }
  if (at > 0) yield piece.subarray(0, at);
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
