import { crc32 } from 'node:zlib';
import { LzmaDecoder, LzmaError } from './lzma.ts';
import { ByteReader } from './reader.ts';

const ALONE_HEADER_BYTES = 13;
const LZIP_HEADER_BYTES = 6;
const LZIP_TRAILER_BYTES = 20;
const PIECE_BYTES = 64 * 1024;

/**
 * Decompresses an LZMA_alone file (.lzma): properties, size of the dictionary, size of the content or all ones, and the stream.
 *
 * @throws LzmaError, or what reading `bytes` throws
 */
export async function* readLzma(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    const header = Buffer.from(await reader.upTo(ALONE_HEADER_BYTES));
    if (header.length < ALONE_HEADER_BYTES) throw new LzmaError('it is cut short');
    const properties = header.readUInt8(0);
    if (properties >= 225) throw new LzmaError('it is not an lzma file');
    const [lc, lp, pb] = [properties % 9, Math.floor(properties / 9) % 5, Math.floor(properties / 45)];
    const size = header.readBigUInt64LE(5);
    const known = size === 0xffff_ffff_ffff_ffffn ? undefined : Number(size);
    const decoder = new LzmaDecoder({ lc, lp, pb, dictionaryBytes: header.readUInt32LE(1) }, known);
    yield* decoded(decoder, reader);
    if (decoder.rest.length > 0 || (await reader.some(1)) !== undefined) throw new LzmaError('something else stands behind its end');
  } finally {
    await reader.close();
  }
}

/**
 * Decompresses a .lz file (lzip, "File format" of its manual), also of several members one behind the other, with check sums looked at.
 *
 * @throws LzmaError, or what reading `bytes` throws
 */
export async function* readLzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let reader = new ByteReader(bytes);
  try {
    for (let members = 0; ; members += 1) {
      const header = Buffer.from(await reader.upTo(LZIP_HEADER_BYTES));
      if (header.length === 0 && members > 0) return;
      if (header.toString('latin1', 0, 4) !== 'LZIP' || header.length < LZIP_HEADER_BYTES || header.readUInt8(4) !== 1)
        throw new LzmaError(members === 0 ? 'it does not start as lzip' : 'something else stands behind its end');
      const code = header.readUInt8(5);
      const whole = 2 ** (code & 31);
      const dictionaryBytes = whole - (whole / 16) * (code >> 5);
      if (dictionaryBytes < 4096) throw new LzmaError('its dictionary has no size');
      const decoder = new LzmaDecoder({ lc: 3, lp: 0, pb: 2, dictionaryBytes }, undefined);
      let [sum, size] = [0, 0];
      for await (const piece of decoded(decoder, reader)) {
        sum = crc32(piece, sum);
        size += piece.length;
        yield piece;
      }
      reader = new ByteReader(behind(decoder.rest, reader));
      const trailer = Buffer.from(await reader.upTo(LZIP_TRAILER_BYTES));
      if (trailer.length < LZIP_TRAILER_BYTES) throw new LzmaError('it is cut short');
      if (trailer.readUInt32LE(0) !== sum || trailer.readBigUInt64LE(4) !== BigInt(size)) throw new LzmaError('its check sum is wrong');
    }
  } finally {
    await reader.close();
  }
}

async function* decoded(decoder: LzmaDecoder, reader: ByteReader): AsyncGenerator<Uint8Array> {
  while (!decoder.ended) {
    const piece = await reader.some(PIECE_BYTES);
    yield* decoder.push(piece ?? new Uint8Array(0), piece === undefined);
    if (piece === undefined && !decoder.ended) throw new LzmaError('it is cut short');
  }
}

/** What a decoder did not need, and then the rest of the stream. */
async function* behind(start: Uint8Array, reader: ByteReader): AsyncGenerator<Uint8Array> {
  try {
    yield start;
    for (let piece = await reader.some(PIECE_BYTES); piece !== undefined; piece = await reader.some(PIECE_BYTES)) yield piece;
  } finally {
    await reader.close();
  }
}
