import test from 'ava';
import { packageMap, sourceMap } from '../src/archive/packages.ts';
import { sha256 } from '../src/base/digest.ts';
import { placeOf } from '../src/base/location.ts';
import type { GitWorld } from '../src/git/source.ts';
import { epochOf } from '../src/lock/epoch.ts';
import { NOTHING, type Packaging } from '../src/lock/packaging.ts';
import { resolveSource, type SourceContext } from '../src/lock/source.ts';
import type { Recipe, Source } from '../src/recipe/recipe.ts';
import type { Store } from '../src/store/types.ts';

const stanza = (version: string, more = '') => {
  const files = [
    `hello_${version}.dsc`,
    'hello_1.orig.tar.gz',
    'hello_1.orig-docs.tar.gz',
    'hello_1.orig.tar.gz.asc',
    `hello_${version}.debian.tar.xz`,
  ];
  return `Package: hello\nVersion: ${version}\nDirectory: pool/main/h/hello\nBuild-Depends: debhelper\n${more}Checksums-Sha256:\n${files.map((name) => ` ${sha256(name)} 3 ${name}`).join('\n')}\n`;
};
const SOURCES = [stanza('1-9'), stanza('1-10'), stanza('2-1', 'Extra-Source-Only: yes\n')].join('\n');
const FILE = { name: 'recipe.yaml', text: 'name: x\nsources:\n  - debian: helo\n  - debian: hello\n    version: 9-9\nepoch: changelog\n' };
const context: SourceContext = {
  git: { world: {} as GitWorld, asked: new Map(), pinned: undefined },
  recipe: { file: FILE, container: { suite: 'bookworm', components: ['main'] } } as unknown as Recipe,
  index: {
    notAutomatic: [],
    packagesByName: packageMap([{ archive: 'debian', suite: 'bookworm', name: 'Packages', bytes: Buffer.from('') }], () => {}),
    sourcesByName: sourceMap([{ archive: 'debian', suite: 'bookworm', name: 'Sources', bytes: Buffer.from(SOURCES) }], () => {}),
  },
  store: {} as Store,
  fetch: async () => ({ ok: true, value: undefined }),
};
const debian = (over: Partial<Source & { kind: 'debian' }>): Source => ({ kind: 'debian', name: 'hello', version: undefined, ...over });

const version = test.macro(async (t, source: Source, expected: string) => {
  const found = await resolveSource(source, 0, context);
  t.is(found.ok && found.value.locked.kind === 'debian' ? found.value.locked.version : '', expected);
});
test('the newest version that the suite builds', version, debian({}), '1-10');
test('a version by name', version, debian({ version: '1-9' }), '1-9');
test('a version that is kept as a source only, by name', version, debian({ version: '2-1' }), '2-1');

test('the .dsc is the first file, and the packaging says what the build needs', async (t) => {
  const found = await resolveSource(debian({}), 0, context);
  t.true(found.ok);
  if (!found.ok || found.value.locked.kind !== 'debian') return;
  t.is(found.value.locked.files[0]?.path, 'pool/main/h/hello/hello_1-10.dsc');
  t.is(found.value.locked.files.length, 5);
  t.is(found.value.fields?.['Build-Depends'], 'debhelper');
});

test('of an upstream part only the upstream tarballs are locked', async (t) => {
  const found = await resolveSource(debian({ part: 'upstream', directory: 'x' }), 0, context);
  t.true(found.ok);
  if (!found.ok || found.value.locked.kind !== 'debian') return;
  t.deepEqual(
    found.value.locked.files.map(({ path }) => path.replace('pool/main/h/hello/', '')),
    ['hello_1.orig.tar.gz', 'hello_1.orig-docs.tar.gz'],
  );
  t.is(found.value.fields, undefined);
});

const refused = test.macro(async (t, source: Source, index: number, expected: string) => {
  const found = await resolveSource(source, index, context);
  t.is(found.ok ? '' : `${found.error.at ? placeOf(found.error.at) : 'nowhere'} ${found.error.kind} ${found.error.message}`, expected);
});
test(
  'an unknown source package',
  refused,
  debian({ name: 'helo' }),
  0,
  'recipe.yaml:3:13 usage There is no source package helo in bookworm (main); did you mean hello?',
);
test(
  'an unknown version',
  refused,
  debian({ version: '9-9' }),
  1,
  'recipe.yaml:5:14 usage bookworm has no version 9-9 of the source package hello; it has 1-9, 1-10, 2-1',
);

const changelog = (date: string): Packaging => ({
  ...NOTHING,
  changelog: { name: 'debian/changelog', text: `x (1) unstable; urgency=low\n\n  * A.\n\n -- A <a@example.org>  ${date}\n` },
});
const epoch = test.macro((t, kind: Recipe['epoch'], packagings: readonly Packaging[], expected: number | string) => {
  const found = epochOf({ epoch: kind, file: FILE }, packagings);
  t.is(found.ok ? found.value : `${found.error.at ? placeOf(found.error.at) : 'nowhere'} ${found.error.reason}`, expected);
});
test('a fixed epoch', epoch, { kind: 'fixed', seconds: 7 }, [], 7);
test('the epoch of the changelog', epoch, { kind: 'changelog' }, [changelog('Thu, 01 Jan 1970 01:00:07 +0100')], 7);
test(
  'of two changelogs the one that lies on top',
  epoch,
  { kind: 'changelog' },
  [changelog('Thu, 01 Jan 1970 00:00:09 +0000'), NOTHING, changelog('Thu, 01 Jan 1970 00:00:08 +0000')],
  8,
);
test('no changelog', epoch, { kind: 'changelog' }, [NOTHING], 'recipe.yaml:6:8 no-epoch');
test('a changelog without a date', epoch, { kind: 'changelog' }, [changelog('yesterday')], 'debian/changelog:5:1 changelog-date');
test(
  'the newest date of the sources',
  epoch,
  { kind: 'newest-source' },
  [{ ...NOTHING, newestSeconds: 3 }, { ...NOTHING, newestSeconds: 5 }, NOTHING],
  5,
);
test('sources without dates', epoch, { kind: 'newest-source' }, [NOTHING], 'recipe.yaml:6:8 no-epoch');
