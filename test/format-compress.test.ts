import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { StreamFailure } from '../src/base/result.ts';
import { type Compression, compressionOf, decompress, decompressWhole } from '../src/format/compress.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../src/format/limits.ts';
import { inPieces } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';

const HELLO = Buffer.from('hello, world\n');
// Made by `printf 'hello, world\n' | xz -9`.
const HELLO_XZ = Buffer.from('/Td6WFoAAATm1rRGAgAhARwAAAAQz1jMAQAMaGVsbG8sIHdvcmxkCgAAAAB7RlqByRK46gABJQ1xGcS2H7bzfQEAAAAABFla', 'base64');
// Made by `printf 'hello, world\n' | bzip2 -9`.
const HELLO_BZ2 = Buffer.from('QlpoOTFBWSZTWVSkl4QAAALRgAAQQAQGRJCAIAAxADAgaGIASdSyHz8XckU4UJBUpJeE', 'base64');

// Made by `printf 'hello, world\n' | xz --format=lzma`.
const HELLO_LZMA = Buffer.from('XQAAgAD//////////wA0GUnuje+Ma8qVWRAEQO3kG//+4PAA', 'base64');
// Made by `printf 'hello, world\n' | lzip -9`.
const HELLO_LZ = Buffer.from('TFpJUAEMADQZSe6N74xrypVZEARA7eQb//7g8ABTdCT0DQAAAAAAAAAxAAAAAAAAAA==', 'base64');

const COMPRESSED = {
  gz: gzipSync(HELLO),
  xz: HELLO_XZ,
  zst: zstdCompressSync(HELLO),
  bz2: HELLO_BZ2,
  lzma: HELLO_LZMA,
  lz: HELLO_LZ,
} as const;
const everyKind = (name: string, run: (t: ExecutionContext, kind: keyof typeof COMPRESSED, bytes: Buffer) => Promise<void>) => {
  for (const [kind, bytes] of Object.entries(COMPRESSED)) test(`${kind}: ${name}`, (t) => run(t, kind as 'gz', bytes));
};
const unpacked = async (kind: Compression, bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}) =>
  Buffer.concat(await Array.fromAsync(decompress(kind, inPieces(bytes, 9), { ...ARCHIVE_LIMITS, ...limits }))).toString();
const reasonOfError = (error: unknown): string => {
  if (error instanceof StreamFailure) return error.failure.reason;
  throw error;
};
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
  const reasons = ['compressed-malformed'];
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
test('frames of zstd behind each other, empty ones and skipped ones too', async (t) => {
  const skipped = Buffer.from('502a4d1804000000deadbeef', 'hex');
  const summed = zstdCompressSync(HELLO, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const frames = [skipped, COMPRESSED.zst, zstdCompressSync(''), summed, skipped, zstdCompressSync(Buffer.alloc(300_000))];
  const expected = `${HELLO}${HELLO}${'\0'.repeat(300_000)}`;
  t.is(compressionOf(Buffer.concat(frames)), 'zst');
  t.is(await unpacked('zst', Buffer.concat(frames)), expected);
  t.is(await unpackedWhole('zst', Buffer.concat(frames)), expected);
});
test('zstd of very many frames is refused', async (t) => {
  const frames = Buffer.alloc(12 * 100_001, Buffer.from('502a4d1804000000deadbeef', 'hex'));
  t.is(await reasonOf(unpackedWhole('zst', Buffer.concat([COMPRESSED.zst, frames]))), 'compressed-limit');
});

/** Text with repeats near and far, and what no compressor makes smaller. */
const MIXED = Buffer.concat([
  Buffer.from('a line of it, and another one\n'.repeat(4000)),
  ...Array.from({ length: 300 }, (_, index) => createHash('sha256').update(String(index)).digest()),
  Buffer.alloc(700_000, 7),
]);
for (const options of [['-9'], ['-0'], ['--lzma1=lc=0,lp=2,pb=0,dict=4KiB'], ['--lzma1=lc=4,lp=0,pb=4,dict=1MiB']]) {
  const xz = spawnSync('xz', ['--format=lzma', ...options, '-c'], { input: MIXED, maxBuffer: 1 << 24 });
  (xz.status === 0 ? test : test.skip)(`what xz --format=lzma ${options.join(' ')} made`, async (t) => {
    t.true(Buffer.concat(await Array.fromAsync(decompress('lzma', inPieces(xz.stdout, 777), ARCHIVE_LIMITS))).equals(MIXED));
  });
}
const lzmaKnown = (size: number) => Buffer.concat([HELLO_LZMA.subarray(0, 5), sizeField(size), HELLO_LZMA.subarray(13)]);
const sizeField = (size: number) => {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt(size));
  return field;
};
test('lzma that says its size, with the marker too', async (t) => t.is(await unpacked('lzma', lzmaKnown(13)), `${HELLO}`));
for (const size of [0, 12, 14, 2 ** 37])
  test(`lzma that says ${size} bytes where there are 13`, async (t) =>
    t.is(await reasonOf(unpacked('lzma', lzmaKnown(size))), 'compressed-malformed'));
test('lzma that wants all the memory there is', async (t) => {
  const bytes = Buffer.from(HELLO_LZMA);
  bytes.writeUInt32LE(0xffff_ffff, 1);
  t.is(await reasonOf(unpacked('lzma', bytes)), 'compressed-malformed');
});
test('two members of lzip behind each other', async (t) =>
  t.is(await unpacked('lz', Buffer.concat([HELLO_LZ, HELLO_LZ])), `${HELLO}${HELLO}`));
test('a flipped bit of lzip is found', async (t) => {
  for (let at = 6; at < HELLO_LZ.length - 8; at += 1) {
    const bytes = Buffer.from(HELLO_LZ);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    t.is(await reasonOf(unpacked('lz', bytes)), 'compressed-malformed', `${at}`);
  }
});
test('whatever bytes come as lzma, lzip or zstd, it ends in bytes or in a reason', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('lzma', 'lz', 'zst'), fc.uint8Array({ maxLength: 200 }), fc.nat(40), async (kind, junk, at) => {
      const bytes = Buffer.from({ lzma: HELLO_LZMA, lz: HELLO_LZ, zst: COMPRESSED.zst }[kind as 'lz']);
      bytes.set(junk.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      const said = await unpacked(kind as Compression, bytes, { totalBytes: 1e6 }).catch(reasonOfError);
      return typeof said === 'string';
    }),
  );
  t.pass();
});

everyKind('what the source throws comes through', async (t, kind, bytes) => {
  async function* half(): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, bytes.length >> 1);
    throw new RangeError('disk on fire');
  }
  await t.throwsAsync(Array.fromAsync(decompress(kind, half(), ARCHIVE_LIMITS)), { instanceOf: RangeError });
});
