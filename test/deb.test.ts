import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { compareOutputs } from '../src/deb/compare.ts';
import type { Artefact, ArtefactVerdict, Comparison } from '../src/deb/types.ts';
import { artefact, tinyAr, tinyDeb, tinyTar } from './helpers/debs.ts';

type Files = Readonly<Record<string, Uint8Array | string>>;

/** Two builds on disk, compared. */
async function compared(first: Files, second: Files): Promise<Comparison> {
  await using folders = await twoFolders();
  const result = await compareOutputs(await artefacts(folders.first, first), await artefacts(folders.second, second));
  if (!result.ok) throw new Error(`${result.error.reason}: ${result.error.message}`);
  return result.value;
}

async function twoFolders() {
  const [first, second] = await Promise.all([mkdtemp(join(tmpdir(), 'compare-')), mkdtemp(join(tmpdir(), 'compare-'))]);
  return {
    first,
    second,
    async [Symbol.asyncDispose]() {
      await Promise.all([rm(first, { recursive: true }), rm(second, { recursive: true })]);
    },
  };
}

function artefacts(folder: string, files: Files): Promise<Artefact[]> {
  return Promise.all(Object.entries(files).map(([name, bytes]) => artefact(folder, name, bytes)));
}

/** The differences of the only artefact, digests left out. */
async function differences(name: string, first: Uint8Array, second: Uint8Array): Promise<unknown[]> {
  const comparison = await compared({ [name]: first }, { [name]: second });
  return (comparison.artefacts[0]?.differences ?? []).map(({ trail, what }) => {
    const { first: one, second: two, ...rest } = what as Record<string, unknown>;
    return [trail.slice(1).join(' > '), what.kind === 'content' ? rest : what, ...(what.kind === 'content' ? [one !== two] : [])];
  });
}

const differs = test.macro(
  async (t, first: Uint8Array | Promise<Uint8Array>, second: Uint8Array | Promise<Uint8Array>, expected: unknown[]) => {
    t.deepEqual(await differences('hello.deb', await first, await second), expected);
  },
);

const FILES = [{ name: './' }, { name: './a', body: 'one' }, { name: './b', body: 'two' }, { name: './c', body: 'three' }];
const deb = (files: Parameters<typeof tinyDeb>[0] = {}) => tinyDeb({ files: FILES, compression: 'zst', ...files });
const with_ = (name: string, over: object) => deb({ files: FILES.map((file) => (file.name === name ? { ...file, ...over } : file)) });
const text = (first: number, ...lines: string[]) => ({ kind: 'text', hunks: [{ first, second: first, lines }], more: 0 });
const window = (start: number, first: string, second: string) => ({ start, first: btoa(first), second: btoa(second) });
const attribute = (name: string, first: string, second: string) => ({ kind: 'attribute', attribute: name, first, second });

test('a changed byte of a file', differs, deb(), with_('./b', { body: 'tWo' }), [['data.tar.zst > ./b', text(1, '-two', '+tWo')]]);
test('a longer file', differs, deb(), with_('./b', { body: 'two!' }), [['data.tar.zst > ./b', text(1, '-two', '+two!')]]);
test('a changed mode', differs, deb(), with_('./b', { mode: 0o664 }), [['data.tar.zst > ./b', attribute('mode', '0644', '0664')]]);
test('a changed owner', differs, deb(), with_('./b', { uid: 1000, uname: 'builder' }), [
  ['data.tar.zst > ./b', attribute('owner', '0', 'builder (1000)')],
]);
test('a changed time', differs, deb(), with_('./b', { mtimeSeconds: 1_700_000_001 }), [
  ['data.tar.zst > ./b', attribute('mtime', '2023-11-14T22:13:20Z', '2023-11-14T22:13:21Z')],
]);
test('another type', differs, deb(), with_('./b', { type: 'symlink', body: '', link: 'c' }), [
  ['data.tar.zst > ./b', attribute('type', 'file', 'symlink')],
  ['data.tar.zst > ./b', attribute('link', '', 'c')],
  ['data.tar.zst > ./b', text(1, '-two', '+')],
]);
test('an extended attribute', differs, deb(), with_('./b', { pax: { 'SCHILY.xattr.user.x': '1' } }), [
  ['data.tar.zst > ./b', attribute('pax', '', 'SCHILY.xattr.user.x=1')],
]);
test(
  'a file that only one has, with the rest still compared in place',
  differs,
  deb(),
  deb({ files: [...FILES.slice(0, 2), { name: './ab' }, FILES[2], { name: './c', body: 'thrEe' }] as typeof FILES }),
  [
    ['data.tar.zst > ./c', text(1, '-three', '+thrEe')],
    ['data.tar.zst > ./ab', { kind: 'only-in', side: 'second' }],
  ],
);
test('another order is one difference', differs, deb(), deb({ files: [FILES[0], FILES[3], FILES[1], FILES[2]] as typeof FILES }), [
  ['data.tar.zst', { kind: 'order', first: './a', second: './c' }],
]);
test(
  'another order and a changed file',
  differs,
  deb(),
  deb({ files: [FILES[0], { name: './c', body: 'thrEe' }, FILES[1], FILES[2]] as typeof FILES }),
  [
    ['data.tar.zst > ./c', text(1, '-three', '+thrEe')],
    ['data.tar.zst', { kind: 'order', first: './a', second: './c' }],
  ],
);
test('a control field', differs, deb(), deb({ control: { Version: '1.0-2' } }), [
  [
    'control.tar.zst > ./control',
    text(
      1,
      ' Package: hello',
      '-Version: 1.0-1',
      '+Version: 1.0-2',
      ' Architecture: all',
      ' Maintainer: Nobody <nobody@example.org>',
      ' Description: says hello',
    ),
  ],
]);
test('another compression of the same content', differs, deb({ compression: 'none' }), deb({ compression: 'zst' }), [
  ['control.tar', { kind: 'only-in', side: 'first' }],
  ['data.tar', { kind: 'only-in', side: 'first' }],
  ['control.tar.zst', { kind: 'only-in', side: 'second' }],
  ['data.tar.zst', { kind: 'only-in', side: 'second' }],
]);
test(
  'the same content compressed in another way',
  differs,
  gzipSync('x'.repeat(999), { level: 1 }),
  gzipSync('x'.repeat(999), { level: 9 }),
  [
    ['gzip header', attribute('level', 'fastest', 'best')],
    ['', { kind: 'encoding', offset: 15 }],
  ],
);
test(
  'the time of an ar member',
  differs,
  tinyAr([{ name: 'a', body: Buffer.from('x') }]),
  tinyAr([{ name: 'a', body: Buffer.from('x'), mtimeSeconds: 0 }]),
  [['a', attribute('mtime', '2023-11-14T22:13:20Z', '1970-01-01T00:00:00Z')]],
);
test(
  'an archive that ends too early',
  differs,
  deb({ compression: 'none' }),
  deb({ compression: 'none' }).then((bytes) => bytes.subarray(0, -10)),
  [['', { kind: 'unreadable', side: 'second', why: 'The ar archive is cut short at 7350.', offset: 7350 }]],
);
test(
  'compressed files inside of a package',
  differs,
  with_('./b', { body: gzipSync('hello one') }),
  with_('./b', { body: gzipSync('hello two') }),
  [['data.tar.zst > ./b', text(1, '-hello one', '+hello two')]],
);
test('tarballs', differs, tinyTar(FILES), tinyTar([...FILES, { name: './d' }]), [['./d', { kind: 'only-in', side: 'second' }]]);
test(
  'bytes behind the end of a tar',
  differs,
  tinyTar(FILES),
  tinyTar(FILES).then((tar) => Buffer.concat([tar, Buffer.alloc(512)])),
  [['', { kind: 'encoding', offset: 4608 }]],
);
test('any other file', differs, Buffer.from('ab\0c'), Buffer.from('ab\0d'), [
  ['', { kind: 'content', offset: 3, firstBytes: '63', secondBytes: '64', window: window(0, 'ab\0c', 'ab\0d') }, true],
]);

const verdicts = test.macro(async (t, first: Files, second: Files, expected: Record<string, string>) => {
  const { verdict, ...rest } = await compared(first, second);
  t.deepEqual(Object.fromEntries([['', verdict], ...rest.artefacts.map((row: ArtefactVerdict) => [row.name, row.verdict])]), expected);
});

const BUILDINFO = `Format: 1.0
Source: hello
Binary: hello
Architecture: amd64
Version: 1.0-1
Checksums-Sha256:
 ${'a'.repeat(64)} 10 hello_1.0-1_amd64.deb
Build-Origin: Debian
Build-Architecture: amd64
Build-Date: Mon, 26 Dec 2022 16:30:00 +0100
Build-Path: /build/hello-1.0
Installed-Build-Depends:
 base-files (= 12.4),
 libc6 (= 2.36-9)
Environment:
 DEB_BUILD_OPTIONS="parallel=2"
`;

test('equal outputs are reproducible', verdicts, { a: 'x', b: 'y' }, { b: 'y', a: 'x' }, { '': 'reproducible', a: 'equal', b: 'equal' });
test('a missing output is a difference', verdicts, { a: 'x', b: 'y' }, { a: 'x' }, { '': 'different', a: 'equal', b: 'only-in-first' });
test('an extra output is a difference', verdicts, { a: 'x' }, { a: 'x', b: '' }, { '': 'different', a: 'equal', b: 'only-in-second' });
test(
  'a .changes does not count',
  verdicts,
  { a: 'x', 'a.changes': '1' },
  { a: 'x', 'a.changes': '2' },
  { '': 'reproducible', a: 'equal', 'a.changes': 'not-counted' },
);
test(
  'of a .buildinfo the time and place do not count',
  verdicts,
  { a: 'x', 'a.buildinfo': BUILDINFO },
  { a: 'x', 'a.buildinfo': BUILDINFO.replace('16:30', '17:30').replace('=2', '=3').replace('/build/', '/b/') },
  {
    '': 'reproducible',
    a: 'equal',
    'a.buildinfo': 'not-counted',
  },
);
test(
  'of a .buildinfo an installed package counts',
  verdicts,
  { a: 'x', 'a.buildinfo': BUILDINFO },
  { a: 'x', 'a.buildinfo': BUILDINFO.replace('2.36-9', '2.36-8') },
  { '': 'different', a: 'equal', 'a.buildinfo': 'different' },
);
test(
  'of a .buildinfo the digest of a .deb counts',
  verdicts,
  { a: 'x', 'a.buildinfo': BUILDINFO },
  { a: 'x', 'a.buildinfo': BUILDINFO.replace('aaa', 'bbb') },
  { '': 'different', a: 'equal', 'a.buildinfo': 'different' },
);
test(
  'a .buildinfo that cannot be read is compared by bytes',
  verdicts,
  { a: 'x', 'a.buildinfo': BUILDINFO },
  { a: 'x', 'a.buildinfo': `junk\n${BUILDINFO}` },
  { '': 'different', a: 'equal', 'a.buildinfo': 'different' },
);

test('a field of a .buildinfo that differs is named', async (t) => {
  const { artefacts } = await compared(
    { a: 'x', 'a.buildinfo': BUILDINFO },
    { a: 'x', 'a.buildinfo': BUILDINFO.replace(' libc6 (= 2.36-9)\n', ' libc6 (= 2.36-8),\n zlib1g (= 1)\n') },
  );
  t.deepEqual(artefacts[1]?.differences, [
    {
      trail: ['a.buildinfo'],
      what: { kind: 'field', field: 'Installed-Build-Depends libc6', first: 'libc6 (= 2.36-9)', second: 'libc6 (= 2.36-8)' },
    },
    { trail: ['a.buildinfo'], what: { kind: 'field', field: 'Installed-Build-Depends zlib1g', first: undefined, second: 'zlib1g (= 1)' } },
  ]);
});

const fails = test.macro(async (t, first: readonly Artefact[], second: readonly Artefact[], reason: string) => {
  const result = await compareOutputs(first, second);
  t.is(result.ok ? undefined : result.error.reason, reason);
});

const gone = (digit: string): Artefact => ({ name: 'a', path: '/nowhere/a', size: 1, sha256: digit.repeat(64) as Artefact['sha256'] });

test('nothing at all is no proof', fails, [], [], 'no-outputs');
test('a .changes alone is no proof', fails, [{ ...gone('a'), name: 'a.changes' }], [{ ...gone('a'), name: 'a.changes' }], 'no-outputs');
test('an output that is gone is not a difference', fails, [gone('a')], [gone('b')], 'file-unreadable');

test('an output that was changed after its digest was taken', async (t) => {
  await using folders = await twoFolders();
  const first = await artefact(folders.first, 'a', 'x');
  const second = await artefact(folders.second, 'a', 'y');
  await artefact(folders.second, 'a', 'x');
  const result = await compareOutputs([first], [second]);
  t.is(result.ok ? undefined : result.error.reason, 'output-changed');
});

test('a comparison can be stopped', async (t) => {
  const interrupted = { kind: 'interrupted', reason: 'interrupted', message: 'Interrupted.' };
  const result = await compareOutputs([gone('a')], [gone('b')], { signal: AbortSignal.abort(interrupted) });
  t.deepEqual(result, { ok: false, error: interrupted } as never);
});
