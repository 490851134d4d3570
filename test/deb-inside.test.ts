import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { explain } from '../src/deb/explain.ts';
import { heldOpening } from '../src/deb/opening.ts';
import { gnuNote, rodata, tinyCpio, tinyElf, tinyModule, tinyPng, tinyZip } from './helpers/binaries.ts';
import { tinyAr, tinyDeb, tinyTar } from './helpers/debs.ts';
import { LIMITS, told } from './helpers/told.ts';

const inside = test.macro(async (t, make: (side: 0 | 1) => Uint8Array | Promise<Uint8Array>, expected: string[], name?: string) => {
  const [first, second] = [await make(0), await make(1)];
  t.deepEqual(await told(name ?? 'x', first, second), expected);
  t.deepEqual(await told(name ?? 'x', second, second), [], 'equal bytes have nothing to tell');
});
const pick = <T>(side: 0 | 1, first: T, second: T): T => (side === 0 ? first : second);

test(
  'a jar in a package',
  inside,
  (side) =>
    tinyDeb({
      files: [
        {
          name: './x.jar',
          body: tinyZip([
            { name: 'a', body: 'same' },
            { name: 'b/c.txt', body: pick(side, '1\n', '2\n') },
          ]),
        },
      ],
    }),
  ['data.tar.gz > ./x.jar > b/c.txt: -1 | +2'],
);
test('the times in a zip', inside, (side) => tinyZip([{ name: 'a', body: 'x', day: pick(side, 1, 9) }]), [
  'a: mtime 2023-01-01T00:00:00 | 2023-01-09T00:00:00',
]);
test('a zip that is packed in another way', inside, (side) => tinyZip([{ name: 'a', body: 'x', stored: side === 1 }]), ['a: method 8 | 0']);
test(
  'a zip in another order',
  inside,
  (side) => tinyZip(pick(side, ['a', 'b', 'c'], ['c', 'a', 'b']).map((name) => ({ name, body: name }))),
  [': order'],
);
test(
  'an initramfs',
  inside,
  (side) =>
    gzipSync(
      tinyCpio([
        { name: 'init', body: '#!/bin/sh\n' },
        { name: 'v', body: pick(side, 'one', 'two') },
      ]),
    ),
  ['v: -one | +two'],
);
test('the times in a cpio', inside, (side) => tinyCpio([{ name: 'a', body: '', mtimeSeconds: side }]), [
  'a: mtime 1970-01-01T00:00:00Z | 1970-01-01T00:00:01Z',
]);
test(
  'what stands behind a cpio',
  inside,
  (side) => Buffer.concat([tinyCpio([]), Buffer.alloc(40), gzipSync(tinyCpio([{ name: 'a', body: pick(side, '1', '2') }]))]),
  ['behind the trailer > a: -1 | +2'],
);
test(
  'a package in a tar in a package',
  inside,
  async (side) =>
    tinyDeb({
      files: [
        {
          name: './a.tar',
          body: await tinyTar([
            { name: 'b.deb', body: await tinyDeb({ files: [{ name: './c', body: pick(side, '1', '2') }], compression: 'zst' }) },
          ]),
        },
      ],
    }),
  ['data.tar.gz > ./a.tar > b.deb > data.tar.zst > ./c: -1 | +2'],
);
test(
  'an object in a static library',
  inside,
  (side) => tinyAr([{ name: 'a.o', body: tinyElf([{ name: '.text', body: pick(side, '\0one', '\0two'), flags: 6 }]) }]),
  ['a.o > .text: content 1'],
);

const gzipped = (side: 0 | 1, at: number, to: number) => {
  const bytes = Buffer.from(gzipSync('hello'));
  if (side === 1) bytes[at] = to;
  return bytes;
};
test('the time in the header of a gzip file', inside, (side) => gzipped(side, 4, 60), ['gzip header: mtime none | 1970-01-01T00:01:00Z']);
test('the system in the header of a gzip file', inside, (side) => gzipped(side, 9, 11), ['gzip header: os Unix | NTFS']);
test('zstd with a check sum', inside, (side) => zstdCompressSync('x', { params: { 201: side } }), [
  'zstd header: check sum: no | yes',
  ': encoding 4',
]);

test(
  'a string in a program',
  inside,
  (side) => tinyElf([{ name: '.text', body: 'same', flags: 6 }, rodata(pick(side, 'built at 10:00', 'built at 11:30'))]),
  ['.rodata: content 12', '.rodata > strings: -built at 10:00 | +built at 11:30'],
);
test(
  'a longer section moves the others, which is not told',
  inside,
  (side) => tinyElf([{ name: '.data', body: pick(side, '\0\x01', '\0\x01\x02'), flags: 6 }, rodata('same')]),
  ['.data: content 2'],
);
test('a section that only one has', inside, (side) => tinyElf([rodata('same'), ...(side === 0 ? [{ name: '.extra', body: 'x' }] : [])]), [
  '.shstrtab: content 10',
  '.shstrtab > strings: -.extra',
  '.extra: only-in',
]);
test('a build-id', inside, (side) => tinyElf([{ name: '.note.gnu.build-id', type: 7, body: gnuNote(3, pick(side, 'aabb', 'aacc')) }]), [
  '.note.gnu.build-id: build-id: aabb | aacc',
]);
test(
  'a packed debug section',
  inside,
  (side) => {
    const header = Buffer.alloc(24);
    header.writeUInt32LE(1);
    return tinyElf([
      { name: '.debug_str', flags: 0x830, body: Buffer.concat([header, deflateSync(pick(side, '/build/a\0', '/build/b\0'))]) },
    ]);
  },
  ['.debug_str: content 7', '.debug_str > strings: -/build/a | +/build/b'],
);
test(
  'only the header of a program',
  inside,
  (side) => {
    const elf = tinyElf([rodata('same')]);
    elf[7] = side;
    return elf;
  },
  ['ELF header: content 7'],
);

test(
  'the signature of a kernel module',
  inside,
  (side) => zstdCompressSync(tinyModule(side, { signature: true })),
  ['module signature: content 1'],
  'x.ko.zst',
);
test('what a kernel module says of itself', inside, (side) => tinyModule(side, { info: true }), ['.modinfo: vermagic: 6.8.0-a | 6.8.0-b']);
test('the symbols that a kernel module wants', inside, (side) => tinyModule(side, { versions: true }), [
  '__versions: content 0',
  '__versions > versions: -printk 01000000 | +printk 02000000',
]);

test(
  'the text of a picture',
  inside,
  (side) =>
    tinyPng([
      ['IHDR', 'x'],
      ['tEXt', `date:create\0${pick(side, '2023', '2024')}`],
      ['IEND', ''],
    ]),
  ['tEXt: date:create: 2023 | 2024'],
);
test('the time of a picture', inside, (side) => tinyPng([['tIME', Buffer.from([7, 231, 1, 2, 3, 4, side])]]), [
  'tIME: time: 2023-01-02T03:04:00Z | 2023-01-02T03:04:01Z',
]);
test(
  'the date and the identifier of a PDF',
  inside,
  (side) => Buffer.from(`%PDF-1.4\n\0\n/CreationDate (D:202${side})\n/ID [<0${side}> <aa>]\n`, 'latin1'),
  [': CreationDate: D:2020 | D:2021', ': ID: <00> <aa> | <01> <aa>'],
);
test(
  'the header of compiled Python',
  inside,
  (side) =>
    Buffer.concat([
      Buffer.from('\xa7\r\r\n', 'latin1'),
      Buffer.alloc(4),
      Buffer.from([60 + side, 0, 0, 0, 9, 0, 0, 0]),
      Buffer.from('\xe3code', 'latin1'),
    ]),
  [': source mtime: 1970-01-01T00:01:00Z | 1970-01-01T00:01:01Z'],
  'm.cpython-311.pyc',
);
test('Latin-1 is text', inside, (side) => Buffer.from(`caf\xe9\n${side}\n`, 'latin1'), [': -0 | +1']);

test('the bytes around the first difference', async (t) => {
  const first = Buffer.alloc(9000, 1);
  const second = Buffer.from(first).fill(2, 5000, 5001);
  const { differences } = await explain('x', heldOpening(first), heldOpening(second), LIMITS);
  const what = differences[0]?.what;
  if (what?.kind !== 'content' || what.window === undefined) return t.fail();
  t.is(what.window.start, 5000 - 512);
  t.deepEqual(Buffer.from(what.window.second, 'base64'), second.subarray(5000 - 512, 5000 + 512));
  t.deepEqual(Buffer.from(what.window.first, 'base64'), first.subarray(5000 - 512, 5000 + 512));
});

test('a text difference has an end', async (t) => {
  const lines = (word: string) =>
    Buffer.from(Array.from({ length: 30_000 }, (_, index) => `${index % 3 === 0 ? word : 'same'} ${index}\n`).join(''));
  const { differences } = await explain('x', heldOpening(lines('a')), heldOpening(lines('b')), LIMITS);
  const what = differences[0]?.what;
  if (what?.kind !== 'text') return t.fail();
  t.true(what.hunks.flatMap((hunk) => hunk.lines).length <= 20 * 60);
  t.true(what.more > 0);
});

test('of a long line the place where it parts is shown', async (t) => {
  const line = (word: string) => Buffer.from(`${'x'.repeat(100_000)}${word}${'y'.repeat(100_000)}`);
  const { differences } = await explain('x', heldOpening(line('one')), heldOpening(line('two')), LIMITS);
  const what = differences[0]?.what;
  if (what?.kind !== 'text') return t.fail();
  t.deepEqual(
    what.hunks[0]?.lines.map((text) => [text.length < 500, /one|two/.exec(text)?.[0]]),
    [
      [true, 'one'],
      [true, 'two'],
    ],
  );
});
