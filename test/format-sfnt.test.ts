import test from 'ava';
import fc from 'fast-check';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { isSfnt, readSfnt } from '../src/format/sfnt.ts';
import { tinyFont } from './helpers/binaries.ts';
import { inPieces } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';
import { told } from './helpers/told.ts';

const tables = (bytes: Uint8Array) =>
  Array.fromAsync(readSfnt(inPieces(bytes, 7), ARCHIVE_LIMITS), async ({ tag, body }) => [
    tag,
    Buffer.concat(await Array.fromAsync(body)).toString(),
  ]);
const FONT = tinyFont([
  ['cmap', 'one'],
  ['glyf', 'three'],
]);

test('the tables of a font', async (t) => {
  t.true(isSfnt(FONT));
  t.deepEqual(await tables(FONT), [
    ['cmap', 'one'],
    ['glyf', 'three'],
  ]);
});
test('a font that is cut short anywhere', async (t) => {
  for (let length = 0; length < FONT.length - 3; length += 1)
    t.is(await reasonOf(tables(FONT.subarray(0, length))), 'sfnt-truncated', `${length}`);
});
test('tables that overlap', async (t) => {
  const bytes = Buffer.from(FONT);
  bytes.writeUInt32BE(44, 12 + 16 + 8);
  t.is(await reasonOf(tables(bytes)), 'sfnt-malformed');
});
test('whatever bytes come, it ends in tables or in a reason', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
      await reasonOf(tables(Buffer.concat([FONT.subarray(0, 6), bytes]))).catch(() => undefined);
      return true;
    }),
  );
  t.pass();
});

const head = (seconds: number, sum: number): Buffer => {
  const bytes = Buffer.alloc(54);
  bytes.writeUInt32BE(sum, 8);
  bytes.writeBigInt64BE(BigInt(seconds + 2_082_844_800), 28);
  return bytes;
};
test('the times of a font, and its sum', async (t) => {
  const [one, two] = [tinyFont([['head', head(1_700_000_000, 1)]]), tinyFont([['head', head(1_700_000_009, 2)]])];
  t.deepEqual(await told('x.ttf', one, two), [
    'head: sum of the font: 00000001 | 00000002',
    'head: modified: 2023-11-14T22:13:20Z | 2023-11-14T22:13:29Z',
  ]);
});
