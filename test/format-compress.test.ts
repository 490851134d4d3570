import { gzipSync, zstdCompressSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { type Compression, compressionOf, decompress, decompressWhole } from '../src/format/compress.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../src/format/limits.ts';
import { inPieces } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';

const HELLO = Buffer.from('hello, world\n');
// Made by `printf 'hello, world\n' | xz -9`.
const HELLO_XZ = Buffer.from('/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAMaGVsbG8sIHdvcmxkCgAAAAB7RlqByRK46gABJQ1xGcS2H7bzfQEAAAAABFla', 'base64');
// Made by `printf 'hello, world\n' | bzip2 -9`.
const HELLO_BZ2 = Buffer.from('QlpoOTFBWSZTWVSkl4QAAALRgAAQQAQGRJCAIAAxADAgaGIASdSyHz8XckU4UJBUpJeE', 'base64');

const COMPRESSED = { gz: gzipSync(HELLO), xz: HELLO_XZ, zst: zstdCompressSync(HELLO), bz2: HELLO_BZ2 } as const;
const everyKind = (name: string, run: (t: ExecutionContext, kind: keyof typeof COMPRESSED, bytes: Buffer) => Promise<void>) => {
  for (const [kind, bytes] of Object.entries(COMPRESSED)) test(`${kind}: ${name}`, (t) => run(t, kind as 'gz', bytes));
};
const unpacked = async (kind: Compression, bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}) =>
  Buffer.concat(await Array.fromAsync(decompress(kind, inPieces(bytes, 9), { ...ARCHIVE_LIMITS, ...limits }))).toString();
const unpackedWhole = async (kind: Compression, bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}) =>
  Buffer.from(await decompressWhole(kind, bytes, { ...ARCHIVE_LIMITS, ...limits })).toString();

everyKind('is decompressed', async (t, kind, bytes) => {
  t.is(await unpacked(kind, bytes), HELLO.toString());
  t.is(await unpackedWhole(kind, bytes), HELLO.toString());
});
everyKind('is known by its first bytes', async (t, kind, bytes) => {
  t.is(compressionOf(bytes), kind);
  t.is(compressionOf(`data.tar.${kind}`), kind);
});
everyKind('cut short anywhere', async (t, kind, bytes) => {
  for (let length = 0; length < bytes.length; length += 1) {
    t.is(await reasonOf(unpacked(kind, bytes.subarray(0, length))), 'compressed-malformed');
    t.is(await reasonOf(unpackedWhole(kind, bytes.subarray(0, length))), 'compressed-malformed');
  }
});
everyKind('with something behind it', async (t, kind, bytes) => {
  const reasons = ['compressed-malformed', 'compressed-unsupported'];
  t.is(reasons.includes(await reasonOf(unpacked(kind, Buffer.concat([bytes, Buffer.from('junk')])))), true);
  t.is(reasons.includes(await reasonOf(unpackedWhole(kind, Buffer.concat([bytes, Buffer.from('junk')])))), true);
});
everyKind('beyond the limit in all', async (t, kind, bytes) => {
  t.is(await reasonOf(unpacked(kind, bytes, { totalBytes: 12 })), 'compressed-limit');
  t.is(await reasonOf(unpackedWhole(kind, bytes, { totalBytes: 12 })), 'compressed-limit');
});

test('a bomb is stopped by its ratio', async (t) => {
  const bomb = gzipSync(Buffer.alloc(4_000_000));
  t.is(await reasonOf(unpacked('gz', bomb, { ratio: 100, ratioFromBytes: 1_000_000 })), 'compressed-limit');
  t.is(await reasonOf(unpackedWhole('gz', bomb, { ratio: 100, ratioFromBytes: 1_000_000 })), 'compressed-limit');
});
test('two streams of xz behind each other', async (t) =>
  t.is(await unpacked('xz', Buffer.concat([HELLO_XZ, HELLO_XZ])), `${HELLO}${HELLO}`));
test('two xz files can be read in step', async (t) => {
  const [one, two] = [decompress('xz', inPieces(HELLO_XZ), ARCHIVE_LIMITS), decompress('xz', inPieces(HELLO_XZ), ARCHIVE_LIMITS)];
  t.deepEqual(
    await Promise.all([one.next(), two.next()]).then((both) => both.map(({ value }) => Buffer.from(value as Uint8Array).toString())),
    [`${HELLO}`, `${HELLO}`],
  );
});
test('two streams of bzip2 behind each other', async (t) =>
  t.is(await unpacked('bz2', Buffer.concat([HELLO_BZ2, HELLO_BZ2])), `${HELLO}${HELLO}`));
test('a flipped bit of bzip2 is found', async (t) => {
  for (let at = 4; at < HELLO_BZ2.length; at += 1) {
    const bytes = Buffer.from(HELLO_BZ2);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    t.is(await unpacked('bz2', bytes).catch((error: Error) => ('failure' in error ? `${HELLO}` : String(error))), `${HELLO}`, `${at}`);
  }
});
test('lzma says that it is not supported', async (t) => t.is(await reasonOf(unpacked('lzma', Buffer.from(']'))), 'compressed-unsupported'));

everyKind('what the source throws comes through', async (t, kind, bytes) => {
  async function* half(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, bytes.length >> 1);
    throw new RangeError('disk on fire');
  }
  await t.throwsAsync(Array.fromAsync(decompress(kind, half(), ARCHIVE_LIMITS)), { instanceOf: RangeError });
});
