import test from 'ava';
import { packageMap, sourceMap } from '../src/archive/packages.ts';
import type { ArchiveIndex } from '../src/archive/types.ts';
import { sha256 } from '../src/base/digest.ts';
import type { Failure } from '../src/base/result.ts';
import { missingSource } from '../src/lock/missing.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { presenceOf } from '../src/store/presence.ts';
import { serve, server, status } from './helpers/server.ts';
import { emptyStore, fetching, fileOf, value } from './helpers/stores.ts';

const GONE: Failure = { kind: 'infrastructure', reason: 'file-gone', message: 'a: no longer where it was', details: ['a'] };
const filesOf = (version: string): readonly string[] => [`six_${version}.dsc`, `six_${version}.tar.xz`];
const stanza = (version: string): string =>
  `Package: six\nVersion: ${version}\nDirectory: pool/s/six\nChecksums-Sha256:\n${filesOf(version)
    .map((name) => ` ${sha256(name)} ${name.length} ${name}`)
    .join('\n')}\n`;

/** What is said of `six` when the archive lists those versions, and a mirror has those files. */
async function said(versions: readonly string[], there: readonly string[], asked?: string, failure = GONE): Promise<Failure> {
  await using http = await server();
  await using s = await emptyStore();
  for (const name of there) http.on(`/pool/s/six/${name}`, serve(Buffer.from(name)));
  const bytes = Buffer.from(versions.map(stanza).join('\n'));
  const index = {
    suites: [],
    notAutomatic: [],
    packagesByName: packageMap([{ archive: 'debian', suite: 'bookworm', name: 'Packages', bytes: Buffer.from('') }], () => {}),
    sourcesByName: sourceMap([{ archive: 'debian', suite: 'bookworm', name: 'Sources', bytes }], () => {}),
  } as unknown as ArchiveIndex;
  const recipe = {
    file: { name: 'recipe.yaml', text: 'sources:\n  - debian: six\n' },
    container: { suite: 'bookworm', components: ['main'], archives: [] },
    sources: [{ kind: 'debian', name: 'six', version: asked }],
  } as unknown as Recipe;
  return await missingSource(recipe, failure, {
    index,
    mirrors: { from: 'environment', debian: [http.url], security: [] },
    store: s.store,
    fetch: fetching({ retries: 0 }),
  });
}

test('the newest version lacks a file: it is named, and so are the older versions that are whole', async (t) => {
  const found = await said(['1-1', '1-2', '1-3', '2-1'], [...filesOf('1-1'), ...filesOf('1-3'), 'six_1-2.dsc', 'six_2-1.dsc']);
  t.is(found.reason, 'source-files-missing');
  t.is(found.message, 'The archive lists six_2-1.tar.xz of six 2-1 and does not have it (HTTP 404)');
  t.regex(found.next ?? '', /other versions: ask for --source six=1-3 or --source six=1-1\./);
});

test('no version is whole', async (t) => {
  const found = await said(['1-1', '2-1'], []);
  t.is(found.message, 'The archive lists six_2-1.dsc, six_2-1.tar.xz of six 2-1 and does not have them (HTTP 404)');
  t.regex(found.next ?? '', /^The archive has no other version of it that is whole/);
});

test('a version that was asked for is the one that is spoken of', async (t) => {
  const found = await said(['1-1', '2-1'], filesOf('2-1'), '1-1');
  t.regex(found.message, /^The archive lists six_1-1\.dsc, six_1-1\.tar\.xz of six 1-1 /);
  t.regex(found.next ?? '', /ask for --source six=2-1\./);
});

test('when the source is whole, something else was gone; and other failures stay what they are', async (t) => {
  t.is(await said(['2-1'], filesOf('2-1')), GONE);
  const other: Failure = { ...GONE, reason: 'unreachable' };
  t.is(await said(['2-1'], [], undefined, other), other);
  t.is(await said(['2-1'], [], '3-1'), GONE, 'a version that is not listed is another matter');
});

test('whether a file can be had is asked for without fetching it', async (t) => {
  await using http = await server();
  await using s = await emptyStore();
  http.on('/there', serve(Buffer.alloc(1_000_000)));
  http.on('/busy', status(503));
  const of = (...urls: string[]) => ({ file: fileOf(urls.join()), label: 'x', urls, fallbackUrls: [`${http.url}/there`] });
  const at = (name: string) => `${http.url}/${name}`;
  const wanted = [
    of(at('there')),
    of(at('gone')),
    of(at('gone'), at('there')),
    of(at('busy')),
    of(at('gone'), 'http://127.0.0.1:1/x'),
    of(),
  ];
  const found = value(await presenceOf(s.store, wanted, fetching({ retries: 0 })));
  t.deepEqual(
    found.map(({ state }) => state),
    ['there', 'gone', 'there', 'unknown', 'unknown', 'unknown'],
  );
  const offline = value(await presenceOf(s.store, wanted.slice(0, 2), { ...fetching(), offline: true }));
  t.deepEqual(
    offline.map(({ state }) => state),
    ['unknown', 'unknown'],
  );
});
