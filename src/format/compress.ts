import { pipeline, Readable } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw, createZstdDecompress, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { StreamFailure } from '../base/result.ts';
import { Bzip2Error } from './bits.ts';
import { readBzip2 } from './bzip2.ts';
import type { ArchiveLimits } from './limits.ts';
import { LzmaError } from './lzma.ts';
import { readLzip, readLzma } from './lzma-file.ts';
import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { XzDecoder, XzError } from './xz.ts';
import { zstdFrames } from './zstd-frames.ts';

/** `zlib` and `deflate` (without any header) are only found inside of other formats. */
export type Compression = 'none' | 'gz' | 'xz' | 'zst' | 'bz2' | 'lzma' | 'lz' | 'zlib' | 'deflate';

const SUFFIX: Readonly<Record<string, Compression>> = {
  '.gz': 'gz',
  '.tgz': 'gz',
  '.xz': 'xz',
  '.txz': 'xz',
  '.zst': 'zst',
  '.tzst': 'zst',
  '.bz2': 'bz2',
  '.tbz2': 'bz2',
  '.lzma': 'lzma',
  '.lz': 'lz',
  '.tlz': 'lz',
};
const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gz', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zst', [0x28, 0xb5, 0x2f, 0xfd]],
  ['zst', [0x50, 0x2a, 0x4d, 0x18]], // a frame to be skipped, with which pzstd starts
  ['bz2', [0x42, 0x5a, 0x68]], // and a digit, which compressionOf looks at
  ['lz', [0x4c, 0x5a, 0x49, 0x50, 1]],
];

/** How something is compressed: by the end of its name when given a text, by its first bytes when given bytes. */
export function compressionOf(nameOrMagic: string | Uint8Array): Compression {
  if (typeof nameOrMagic === 'string') return SUFFIX[/\.[a-z0-9]+$/.exec(nameOrMagic)?.[0] ?? ''] ?? 'none';
  const found = MAGIC.find(([, magic]) => magic.every((byte, index) => nameOrMagic[index] === byte))?.[0] ?? 'none';
  if (found === 'bz2' && !/^BZh[1-9]/.test(String.fromCharCode(...nameOrMagic.subarray(0, 4)))) return 'none';
  return found === 'none' && isLzma(nameOrMagic) ? 'lzma' : found;
}

/** .lzma has no sign of its own; so it is one when its header has the usual properties and sizes that encoders write, as xz asks for too. */
function isLzma(head: Uint8Array): boolean {
  if (head.length < 18 || head[0] !== 0x5d || head[13] !== 0) return false;
  const view = Buffer.from(head.buffer, head.byteOffset, head.length);
  const dictionary = view.readUInt32LE(1);
  const size = view.readBigUInt64LE(5);
  const top = 2 ** (31 - Math.clz32(dictionary));
  return dictionary >= 4096 && (dictionary === top || dictionary === top + top / 2) && (size === 2n ** 64n - 1n || size < 2n ** 38n);
}

/**
 * Decompresses a stream with bounded memory. The whole input must be one well-formed file with right check sums.
 *
 * @throws StreamFailure (unverified-input: compressed-malformed, compressed-limit), or what reading `bytes` throws
 */
export async function* decompress(kind: Compression, bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<Uint8Array> {
  const counts: Counts = { input: 0, output: 0 };
  for await (const piece of decoded(kind, counted(bytes, counts))) {
    counts.output += piece.length;
    const why = beyond(counts, limits);
    if (why !== undefined) throw malformed('compressed-limit', why);
    yield piece;
  }
}

/**
 * Decompresses a whole file that is in memory. Blocks the thread: for worker threads, and for small files.
 *
 * @throws StreamFailure as decompress does
 */
export async function decompressWhole(kind: Compression, bytes: Uint8Array, limits: ArchiveLimits): Promise<Uint8Array> {
  const maxOutputLength = Math.min(limits.totalBytes, Math.max(limits.ratioFromBytes, bytes.length * limits.ratio), 0xffff_ffff);
  switch (kind) {
    case 'gz':
    case 'zst':
      try {
        const whole = kind === 'gz' ? gunzipSync(bytes, { maxOutputLength }) : zstdWhole(bytes, maxOutputLength);
        return whole ?? inPieces(kind, bytes, limits);
      } catch (error) {
        throw (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE'
          ? malformed('compressed-limit', tooLarge(maxOutputLength), error)
          : broken(kind, error);
      }
    default:
      return inPieces(kind, bytes, limits);
  }
}

async function inPieces(kind: Compression, bytes: Uint8Array, limits: ArchiveLimits): Promise<Uint8Array> {
  const pieces = await Array.fromAsync(decompress(kind, once(bytes), limits));
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** Undefined when there is more than one frame: Node stops behind the first, and says nothing of what follows. */
function zstdWhole(bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined {
  const { buffer, engine } = zstdDecompressSync(bytes, { maxOutputLength, info: true }) as unknown as {
    buffer: Uint8Array;
    engine: { bytesWritten: number };
  };
  return engine.bytesWritten === bytes.length ? buffer : undefined;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

type Counts = { input: number; output: number };

function decoded(kind: Compression, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (kind) {
    case 'none':
      return bytes;
    case 'xz':
      return decodedXz(bytes);
    case 'gz':
      return throughZlib(kind, bytes, createGunzip({ chunkSize: CHUNK_BYTES }));
    case 'zst':
      return decodedZstd(bytes);
    case 'zlib':
      return throughZlib(kind, bytes, createInflate({ chunkSize: CHUNK_BYTES }));
    case 'deflate':
      return throughZlib(kind, bytes, createInflateRaw({ chunkSize: CHUNK_BYTES }));
    case 'bz2':
      return decodedHere(kind, readBzip2(bytes));
    case 'lzma':
      return decodedHere(kind, readLzma(bytes));
    case 'lz':
      return decodedHere(kind, readLzip(bytes));
    default:
      return kind satisfies never;
  }
}

const CHUNK_BYTES = 256 * 1024;

async function* decodedXz(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = await XzDecoder.open();
  try {
    for await (const piece of bytes) yield* decoder.push(piece);
    yield* decoder.end();
  } catch (error) {
    // A trap of the decoder (WebAssembly.RuntimeError) can only come from the bytes that it was given.
    throw error instanceof XzError || (error instanceof Error && error.name === 'RuntimeError') ? broken('xz', error) : error;
  }
}

async function* decodedHere(kind: Compression, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    throw error instanceof Bzip2Error || error instanceof LzmaError ? broken(kind, error) : error;
  }
}

async function* decodedZstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes);
  try {
    for await (const frame of zstdFrames(reader)) yield* throughZlib('zst', frame, createZstdDecompress({ chunkSize: CHUNK_BYTES }));
  } finally {
    await reader.close();
  }
}

async function* throughZlib(
  kind: Compression,
  bytes: AsyncIterable<Uint8Array>,
  decoder: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Uint8Array> {
  // The loop below throws what either side throws; pipeline makes sure that both are closed.
  const output = pipeline(Readable.from(bytes, { objectMode: true }), decoder, () => undefined);
  try {
    yield* output as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw error instanceof StreamFailure || !/^(Z_|ZSTD_|ERR_ZSTD)/.test(String((error as { code?: string }).code))
      ? error
      : broken(kind, error);
  } finally {
    decoder.destroy();
  }
}

async function* counted(bytes: AsyncIterable<Uint8Array>, counts: { input: number }): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) {
    counts.input += piece.length;
    yield piece;
  }
}

function beyond(counts: { input: number; output: number }, limits: ArchiveLimits): string | undefined {
  if (counts.output > limits.totalBytes) return tooLarge(limits.totalBytes);
  if (counts.output <= limits.ratioFromBytes || counts.output <= counts.input * limits.ratio) return undefined;
  return `The compressed data gives more than ${limits.ratio} bytes for each of its own.`;
}

function tooLarge(bytes: number): string {
  return `The compressed data gives more than ${bytes} bytes.`;
}

function broken(kind: Compression, cause: unknown): StreamFailure {
  return malformed(
    'compressed-malformed',
    `The ${kind} data cannot be decompressed: ${cause instanceof Error ? cause.message : String(cause)}.`,
    cause,
  );
}
