import { deflateSync, gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { explain } from '../src/deb/explain.ts';
import { heldOpening } from '../src/deb/opening.ts';
import { gnuNote, rodata, tinyCpio, tinyElf, tinyModule, tinyPng, tinyZip } from './helpers/binaries.ts';
import { tinyAr } from './helpers/debs.ts';
import { LIMITS, told } from './helpers/told.ts';

const SAMPLES: readonly Buffer[] = [
  tinyZip([
    { name: 'a', body: 'hello' },
    { name: 'b', body: 'x', stored: true },
  ]),
  tinyCpio([{ name: 'a', body: 'hello' }]),
  tinyElf(
    [
      rodata('text of it'),
      { name: '.note.gnu.build-id', type: 7, body: gnuNote(3, 'aabb') },
      { name: '.debug_str', flags: 0x830, body: deflateSync('xx') },
    ],
    'more',
  ),
  tinyModule(0, {}),
  tinyPng([
    ['tEXt', 'a\0b'],
    ['tIME', '1234567'],
  ]),
  gzipSync('hello hello'),
  Buffer.from('%PDF-1.4\n/CreationDate (D:1)\0'),
  Buffer.concat([Buffer.from('\xa7\r\r\n', 'latin1'), Buffer.alloc(20)]),
];
test('whatever is done to the bytes, there is an explanation', async (t) => {
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(30), put: fc.uint8Array({ maxLength: 8 }) });
  const edited = fc.tuple(fc.constantFrom(...SAMPLES), fc.array(edit, { minLength: 1, maxLength: 3 })).map(([sample, edits]) => {
    let bytes = sample;
    for (const { at, remove, put } of edits) {
      const from = at % (bytes.length + 1);
      bytes = Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + remove)]);
    }
    return [sample, bytes] as const;
  });
  await fc.assert(
    fc.asyncProperty(edited, async ([first, second]) => {
      const found = await told('x.pyc', first, second);
      return found.length > 0 === (Buffer.compare(first, second) !== 0);
    }),
    { numRuns: 1500 },
  );
  t.pass();
});

test('what unpacks to more than is looked at is not looked at', async (t) => {
  const bomb = (byte: number) => tinyAr([{ name: 'x.gz', body: gzipSync(Buffer.alloc(3_000_000, byte)) }]);
  t.deepEqual(await told('x', bomb(1), bomb(2), { workBytes: 1_000_000 }), [
    'x.gz: unreadable both: It unpacks to more than is looked at.',
  ]);
});

test('archives in each other end at the depth', async (t) => {
  let [one, two] = [Buffer.from('1'), Buffer.from('2')] as [Buffer, Buffer];
  for (let level = 0; level < 40; level += 1) [one, two] = [gzipSync(one), gzipSync(two)] as [Buffer, Buffer];
  const found = await told('x', one, two);
  t.is(found.length, 1);
});

test('thirty thousand members of one name on each side', async (t) => {
  const many = (name: string) =>
    Buffer.concat(
      Array.from({ length: 30_000 }, () => Buffer.from(`${name.padEnd(16)}${'0'.padEnd(12)}0     0     100644  0         \`\n`)),
    );
  const { differences, more } = await explain(
    'x',
    heldOpening(Buffer.concat([Buffer.from('!<arch>\n'), many('a')])),
    heldOpening(Buffer.concat([Buffer.from('!<arch>\n'), many('b')])),
    LIMITS,
  );
  t.is(differences.length + more, 60_000);
});
