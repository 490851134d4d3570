import test from 'ava';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../src/format/limits.ts';
import { memberPath } from '../src/format/name.ts';
import { readTar, type TarMember } from '../src/format/tar.ts';
import { inPieces, tinyTar } from './helpers/debs.ts';
import { reasonOf } from './helpers/reason.ts';
import { members } from './helpers/tar.ts';

/** A header block of any content, with a right check sum. */
function header(fields: Readonly<Record<number, string | Uint8Array>>): Buffer {
  const block = Buffer.alloc(512);
  const base = {
    0: 'a',
    100: '0000644\0',
    108: '0000000\0',
    116: '0000000\0',
    124: '00000000000\0',
    136: '00000000000\0',
    156: '0',
    257: 'ustar\x0000',
  };
  for (const [at, value] of Object.entries({ ...base, ...fields })) block.set(Buffer.from(value as string), Number(at));
  block.fill(0x20, 148, 156);
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return block;
}

const END = Buffer.alloc(1024);
const text = (content: string) => Buffer.concat([Buffer.from(content), Buffer.alloc((512 - (content.length % 512)) % 512)]);
const octal = (size: number) => `${size.toString(8).padStart(11, '0')}\0`;
const reads = test.macro(async (t, blocks: Uint8Array[], expected: Partial<TarMember>) => {
  const [[member] = []] = await members(inPieces(Buffer.concat([...blocks, END]), 513));
  t.like(member, expected);
});

test('v7', reads, [header({ 0: 'dir/', 156: '\0', 257: '\0'.repeat(8) })], { name: 'dir/', type: 'directory' });
test('numbers with spaces', reads, [header({ 100: '   644 \0', 108: '     5 \0' })], { mode: 0o644, uid: 5 });
test('base-256 numbers', reads, [header({ 108: Uint8Array.of(0x80, 0, 0, 0, 0x01, 0, 0, 0), 136: Buffer.alloc(12, 0xff) })], {
  uid: 16777216,
  mtimeSeconds: -1,
});
test(
  'GNU long names',
  reads,
  [header({ 0: '././@LongLink', 124: octal(201), 156: 'L' }), text(`${'n'.repeat(200)}\0`), header({ 257: 'ustar  \0' })],
  { name: 'n'.repeat(200) },
);
test(
  'GNU long links',
  reads,
  [header({ 0: '././@LongLink', 124: octal(201), 156: 'K' }), text(`${'n'.repeat(200)}\0`), header({ 156: '2' })],
  { link: 'n'.repeat(200) },
);
test('GNU keeps other things where ustar has a prefix', reads, [header({ 257: 'ustar  \0', 345: '14327640370\0' })], { name: 'a' });
test('a global pax header', reads, [header({ 156: 'g', 124: octal(22) }), text('22 comment=0123456789\n'), header({})], {
  pax: { comment: '0123456789' },
});
test(
  'pax wins over GNU',
  reads,
  [header({ 0: 'L', 124: octal(2), 156: 'L' }), text('b\0'), header({ 156: 'x', 124: octal(9) }), text('9 path=c\n'), header({})],
  { name: 'c' },
);

const refuses = test.macro(async (t, blocks: Uint8Array[], reason: string, limits: Partial<ArchiveLimits> = {}) => {
  t.is(await reasonOf(members(inPieces(Buffer.concat(blocks)), { ...ARCHIVE_LIMITS, ...limits })), reason);
});
const pax = (record: string) => [header({ 156: 'x', 124: octal(record.length) }), text(record), header({}), END];

test('nothing', refuses, [], 'tar-truncated');
test('an end between two members', refuses, [header({})], 'tar-truncated');
test('an end in a header', refuses, [header({}).subarray(0, 300)], 'tar-truncated');
test('an end in a body', refuses, [header({ 124: octal(1000) }), text('x')], 'tar-truncated');
test('an end in the padding', refuses, [header({ 124: octal(10) }), Buffer.from('0123456789')], 'tar-truncated');
test('an end in a long name', refuses, [header({ 124: octal(1000), 156: 'L' }), text('x')], 'tar-truncated');
test('text', refuses, [Buffer.from('hello\n'.repeat(200))], 'tar-malformed');
test('a wrong check sum', refuses, [Buffer.concat([Buffer.from('b'), header({}).subarray(1)]), END], 'tar-malformed');
test('a number that is none', refuses, [header({ 108: '00x0000\0' }), END], 'tar-malformed');
test('a size below zero', refuses, [header({ 124: Buffer.alloc(12, 0xff) }), END], 'tar-malformed');
test(
  'a size beyond all numbers',
  refuses,
  [header({ 124: Buffer.concat([Buffer.of(0x80), Buffer.alloc(11, 0xff)]) }), END],
  'tar-malformed',
);
test('a member without a name', refuses, [header({ 0: '\0' }), END], 'tar-malformed');
test('a zero byte in a pax name', refuses, pax('12 path=a\0b\n'), 'tar-malformed');
test('a pax record with a wrong length', refuses, pax('99 path=a\n'), 'tar-malformed');
test('a pax record without a length', refuses, pax('path=a\n'), 'tar-malformed');
test('a pax size that is none', refuses, pax('11 size=1e3\n'), 'tar-malformed');
test('a folder with a body', refuses, [header({ 156: '5', 124: octal(512) }), END], 'tar-malformed');
test('members behind the end', refuses, [header({}), END, header({ 0: 'hidden' }), END], 'tar-malformed');
test('sparse files of GNU', refuses, [header({ 156: 'S' }), END], 'tar-unsupported');
test('sparse files of pax', refuses, pax('22 GNU.sparse.major=1\n'), 'tar-unsupported');
test('a type of a later day', refuses, [header({ 156: 'Q' }), END], 'tar-unsupported');
test('too many members', refuses, [header({}), header({}), END], 'tar-limit', { entries: 1 });
test('long names without end', refuses, Array(20).fill(header({ 156: 'g' })), 'tar-limit', { entries: 10 });
test('too long a name', refuses, [header({ 0: 'n'.repeat(80) }), END], 'tar-limit', { nameBytes: 79 });
test('too long a GNU name', refuses, [header({ 124: octal(9_999_999), 156: 'L' }), END], 'tar-limit');
test('too large a pax header', refuses, [header({ 124: octal(9_999_999), 156: 'x' }), END], 'tar-limit');
test('too much in all', refuses, [header({ 124: octal(9_999_999) }), END], 'tar-limit', { totalBytes: 1_000_000 });

test('bodies can be left alone, in part or whole', async (t) => {
  const tar = await tinyTar([
    { name: 'a', body: 'x'.repeat(2000) },
    { name: 'b', body: 'y'.repeat(2000) },
    { name: 'c', body: 'z' },
  ]);
  const names: string[] = [];
  for await (const { member, body } of readTar(inPieces(tar, 100), ARCHIVE_LIMITS)) {
    names.push(member.name);
    if (member.name === 'b') for await (const _ of body) break;
  }
  t.deepEqual(names, ['a', 'b', 'c']);
});

const sourceEnds = test.macro(async (t, leave: (source: AsyncIterable<Uint8Array>) => Promise<unknown>) => {
  let closed = false;
  async function* source() {
    try {
      while (true) yield header({ 124: octal(0) });
    } finally {
      closed = true;
    }
  }
  await leave(source());
  t.true(closed);
});

test('leaving the loop closes the source', sourceEnds, async (source) => {
  for await (const _ of readTar(source, ARCHIVE_LIMITS)) break;
});
test('a limit closes the source', sourceEnds, (source) => reasonOf(members(source, { ...ARCHIVE_LIMITS, entries: 3 })));

test('what the source throws comes through', async (t) => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield header({});
    throw new RangeError('disk on fire');
  }
  await t.throwsAsync(members(broken()), { instanceOf: RangeError });
});

const path = test.macro((t, name: string, expected: string | undefined) => t.is(memberPath(name), expected));
test('the place of ./usr/bin/x', path, './usr/bin/x', 'usr/bin/x');
test('the place of a folder', path, './usr/', 'usr');
test('the place of the root', path, './', '');
test('no place: absolute', path, '/etc/passwd', undefined);
test('no place: absolute root', path, '/', undefined);
test('no place: above', path, 'a/../../b', undefined);
test('no place: ..', path, '..', undefined);
test('no place: an empty part', path, 'a//b', undefined);
test('no place: behind ./', path, './/etc/passwd', undefined);
