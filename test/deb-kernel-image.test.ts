import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { StreamFailure } from '../src/base/result.ts';
import { isBzImage, readBzImage } from '../src/format/bzimage.ts';
import { rodata, tinyBzImage, tinyElf } from './helpers/binaries.ts';
import { told } from './helpers/told.ts';

const inside = test.macro(async (t, make: (side: 0 | 1) => Uint8Array, expected: string[]) => {
  const [first, second] = [make(0), make(1)];
  t.deepEqual(await told('x', first, second), expected);
  t.deepEqual(await told('x', second, second), [], 'equal bytes have nothing to tell');
});
const pick = <T>(side: 0 | 1, first: T, second: T): T => (side === 0 ? first : second);

// What follows from another size of the payload is not told beside it.
const kernelOf = (side: 0 | 1, text: string): Buffer => tinyElf([rodata(side === 0 ? 'Linux 6.1 #1' : text)]);
test(
  'a kernel image',
  inside,
  (side) => tinyBzImage({ setup: 'the same set-up', payload: gzipSync(kernelOf(side, `Linux 6.1 #2${'0123456789abcdef'.repeat(9)}`)) }),
  ['payload > .rodata: content 13', `payload > .rodata > strings: -Linux 6.1 #1 | +Linux 6.1 #2${'0123456789abcdef'.repeat(9)}`],
);
test(
  'a kernel image that is not packed with gzip, with its size behind it',
  inside,
  (side) =>
    tinyBzImage({ setup: '', payload: Buffer.concat([zstdCompressSync(kernelOf(side, 'Linux 6.1 #2')), Buffer.from([1, 2, 3, 4])]) }),
  ['payload > .rodata: content 13', 'payload > .rodata > strings: -Linux 6.1 #1 | +Linux 6.1 #2'],
);
test(
  'what the set-up code of a kernel image calls itself, and what stands behind it',
  inside,
  (side) => tinyBzImage({ setup: pick(side, 'version one', 'version two'), payload: gzipSync('x'), behind: 'the sum' }),
  ['setup: content 156', 'setup > strings: -version one | +version two'],
);
test(
  'what alone differs behind a kernel image',
  inside,
  (side) => tinyBzImage({ setup: '', payload: gzipSync('x'), behind: pick(side, 'sum1', 'sum2') }),
  ['behind the payload: content 3'],
);
test('a kernel image whose header lies', inside, (side) => tinyBzImage({ setup: '', payload: Buffer.alloc(4, side) }), [
  ': unreadable both: The header of the kernel image names places that cannot be.',
]);

test('no bytes make the reader of kernel images do anything but give them back or refuse them', async (t) => {
  const image = tinyBzImage({ setup: 'set-up', payload: gzipSync('kernel'), behind: 'sum' });
  const changes = fc.array(fc.tuple(fc.integer({ min: 0x1f1, max: 0x260 }), fc.nat({ max: 255 })), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(changes, fc.nat({ max: image.length }), fc.integer({ min: 1, max: 700 }), async (some, length, piece) => {
      const bytes = Buffer.from(image.subarray(0, length));
      for (const [at, value] of some) if (at < length) bytes[at] = value;
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
      };
      const parts: Uint8Array[] = [];
      try {
        for await (const { body } of readBzImage(pieces())) for await (const part of body) parts.push(part);
        t.true(isBzImage(bytes));
        t.deepEqual(Buffer.concat(parts), bytes);
      } catch (error) {
        t.true(error instanceof StreamFailure, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
