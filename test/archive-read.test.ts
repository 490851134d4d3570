import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { contentPath } from '../src/store/address.ts';
import {
  clearSign,
  IN_RELEASE,
  NOW_SECONDS,
  otherVersion,
  PACKAGES,
  publish,
  publishDebian,
  releaseText,
  SOURCES,
  signer,
  suite,
  withFields,
  writeKeyring,
} from './helpers/archive.ts';
import { archiveWorld } from './helpers/archive-world.ts';
import { inTurn, notFound, serve, status } from './helpers/server.ts';
import { failed, folder, reasonOf, value } from './helpers/stores.ts';

const [KEY, OTHER] = await Promise.all([signer(), signer()]);

test('a signed archive', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const index = value(await w.read());
  t.deepEqual(
    index.suites.map(({ archive, suite: name, components, date }) => [archive, name, components, date]),
    [
      ['debian', 'bookworm', ['main'], '2025-12-31T00:00:00Z'],
      ['debian', 'bookworm-updates', ['main'], '2025-12-31T00:00:00Z'],
      ['debian-security', 'bookworm-security', ['main'], '2025-12-31T00:00:00Z'],
    ],
  );
  t.is(index.packagesByName.get('hello')?.[0]?.sha256, sha256('hello.deb'));
  t.is(index.sourcesByName.get('hello')?.[0]?.version, '2.10-3');
  t.is(index.lists.length, 9);
  for (const { digest, size } of index.lists)
    t.true((await readdir(join(w.root, 'sha256', digest.slice(0, 2)))).includes(digest), `${digest} ${size}`);
  t.true(w.http.requests.every(({ path }) => path.includes('InRelease') || path.includes('/by-hash/SHA256/')));
});

test('only the signed lists are asked for again; offline nothing is', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const first = value(await w.read());
  const asked = w.http.requests.length;
  value(await w.read());
  t.is(w.http.requests.length, asked + 3);
  const offline = value(await w.read({ fetch: { ...w.fetch, offline: true } }));
  t.deepEqual([offline.suites, offline.lists, w.http.requests.length], [first.suites, first.lists, asked + 3]);
});

test('offline and never seen', async (t) => {
  await using w = await archiveWorld(KEY);
  t.is(reasonOf(await w.read({ fetch: { ...w.fetch, offline: true } })), 'offline-missing');
});

test('an archive without by-hash, and with other compressions', async (t) => {
  await using w = await archiveWorld(KEY);
  const made = suite('bookworm');
  const { 'Acquire-By-Hash': _, ...fields } = made.fields;
  const files = { 'main/binary-amd64/Packages.zst': zstdCompressSync(PACKAGES), 'main/source/Sources.gz': gzipSync(SOURCES) }; // the plain forms are not even listed
  await publishDebian(w.http, { fields, files }, [KEY]);
  const index = value(await w.read());
  t.is(index.packagesByName.get('hello')?.length, 1);
  t.is(index.sourcesByName.get('hello')?.length, 1);
  t.true(index.lists.some(({ digest }) => digest === sha256(PACKAGES)));
});

test('packages for all architectures in an index of their own', async (t) => {
  await using w = await archiveWorld(KEY);
  const made = suite('bookworm');
  const { 'No-Support-for-Architecture-all': _, ...fields } = made.fields;
  const all = PACKAGES.replaceAll('hello', 'data').replace('Architecture: amd64', 'Architecture: all');
  await publishDebian(
    w.http,
    { fields, files: { ...made.files, 'main/binary-all/Packages': Buffer.from(all), 'main/binary-all/Packages.gz': gzipSync(all) } },
    [KEY],
  );
  t.is(value(await w.read()).packagesByName.get('data')?.[0]?.architecture, 'all');
});

test('a mirror that is being updated is read once more, from its list', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const old = await clearSign(releaseText(suite('bookworm', otherVersion(PACKAGES))), [KEY]);
  const made = suite('bookworm');
  w.http.on(IN_RELEASE, inTurn(serve(Buffer.from(old)), serve(Buffer.from(await clearSign(releaseText(made), [KEY])))));
  t.is(value(await w.read()).packagesByName.get('hello')?.[0]?.version, '2.10-3');
  t.is(w.http.requests.filter(({ path }) => path === IN_RELEASE).length, 2);
});

test('a mirror without its indices is asked twice, then it is a failure', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  for (const path of ['Packages.gz', `by-hash/SHA256/${sha256(gzipSync(PACKAGES))}`])
    w.http.on(`/debian/dists/bookworm/main/binary-amd64/${path}`, notFound);
  const result = await w.read();
  t.is(reasonOf(result), 'file-gone');
  t.regex(
    failed(result).details?.join('\n') ?? '',
    /bookworm main\/binary-amd64\/Packages\.gz\n.*by-hash.*HTTP 404\n.*Packages\.gz: HTTP 404/,
  );
  t.is(w.http.requests.filter(({ path }) => path === IN_RELEASE).length, 2);
});

test('a mirror of the host that is not Debian is passed over, one of the environment is not', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  await publish(w.http, '/strange', 'bookworm', suite('bookworm'), [OTHER]);
  const debian = [`${w.http.url}/strange`, `${w.http.url}/debian`];
  const security = [`${w.http.url}/debian-security`];
  t.is(value(await w.read({ mirrors: { from: 'host', debian, security } })).suites.length, 3);
  t.deepEqual(w.fetch.notices.filter(({ kind }) => kind === 'warning').length, 1);
  t.is(reasonOf(await w.read({ mirrors: { from: 'environment', debian, security } })), 'signature-unknown-key');
});

test('a mirror that goes back in time is a warning', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  value(await w.read());
  await publish(w.http, '/debian', 'bookworm', withFields({ Date: 'Wed, 24 Dec 2025 00:00:00 UTC' })(suite('bookworm')), [KEY]);
  value(await w.read());
  t.regex(
    w.fetch.notices
      .filter(({ kind }) => kind === 'warning')
      .map((notice) => ('text' in notice ? notice.text : ''))
      .join(),
    /lags behind/,
  );
});

test('no mirror and no snapshot', async (t) => {
  await using w = await archiveWorld(KEY);
  w.http.on('/', status(404));
  const proxies = { https: w.http.url }; // nothing may leave this machine
  t.is(
    reasonOf(
      await w.read({ mirrors: { from: 'none', debian: [], security: [] }, fetch: { ...w.fetch, proxies, retries: 0, stallMs: 500 } }),
    ),
    'unreachable',
  );
});

test('an archive of the own: its keyring vouches for it, and for nothing else', async (t) => {
  await using w = await archiveWorld(KEY);
  await using keys = await folder();
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const made = suite('mine', PACKAGES.replaceAll('hello', 'own'));
  await publish(w.http, '/own', 'mine', made, [OTHER]);
  const archive = {
    name: 'own',
    url: `${w.http.url}/own/`,
    suite: 'mine',
    components: ['main'],
    keyring: await writeKeyring(keys.path, 'own.asc', [OTHER]),
  };
  const container = { suite: 'bookworm', components: ['main'], architecture: 'amd64', archives: [archive] };
  const index = value(await w.read({ container }));
  t.is(index.packagesByName.get('own')?.[0]?.archive, 'own');
  t.true(index.sourcesList.endsWith('deb http://archive.invalid/own mine main\ndeb-src http://archive.invalid/own mine main\n'));
  await publish(w.http, '/own', 'mine', made, [KEY]);
  t.is(reasonOf(await w.read({ container })), 'signature-unknown-key', 'the key of Debian does not vouch for it');
  await publish(w.http, '/own', 'mine', made, [OTHER]);
  await publishDebian(w.http, suite('bookworm'), [OTHER]);
  t.is(reasonOf(await w.read({ container })), 'signature-unknown-key', 'its key does not vouch for Debian');
  t.is(reasonOf(await w.read({ container: { ...container, archives: [{ ...archive, name: 'debian' }] } })), 'archive-name-taken');
  t.is(
    reasonOf(await w.read({ container: { ...container, archives: [{ ...archive, keyring: join(keys.path, 'none') }] } })),
    'keyring-missing',
  );
});

test('an archive without folders for suites', async (t) => {
  await using w = await archiveWorld(KEY);
  await using keys = await folder();
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const packages = PACKAGES.replaceAll('hello', 'flat').replace('pool/main/h/flat/', './');
  const text = releaseText({ fields: { Date: suite('').fields['Date'] ?? '' }, files: { Packages: Buffer.from(packages) } });
  w.http.on('/flat/./InRelease', serve(Buffer.from(await clearSign(text, [OTHER]))));
  w.http.on('/flat/InRelease', serve(Buffer.from(await clearSign(text, [OTHER]))));
  w.http.on('/flat/Packages', serve(Buffer.from(packages)));
  const archive = {
    name: 'flat',
    url: `${w.http.url}/flat`,
    suite: './',
    components: [],
    keyring: await writeKeyring(keys.path, 'flat.asc', [OTHER]),
  };
  const index = value(await w.read({ container: { suite: 'bookworm', components: ['main'], architecture: 'amd64', archives: [archive] } }));
  t.is(index.packagesByName.get('flat')?.[0]?.filename, 'flat_2.10-3_amd64.deb');
});

test('the archive as it was for a lock, long after', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, withFields({ 'Valid-Until': 'Thu, 08 Jan 2026 00:00:00 UTC' })(suite('bookworm')), [KEY]);
  const { suites } = value(await w.read());
  const later = { locked: suites, nowSeconds: NOW_SECONDS + 10 * 365 * 86_400 };
  t.deepEqual(value(await w.read({ ...later, fetch: { ...w.fetch, offline: true } })).suites, suites);
  for (const { inRelease } of suites) await rm(contentPath(w.root, inRelease));
  t.deepEqual(value(await w.read(later)).suites, suites);
  for (const { inRelease } of suites) await rm(contentPath(w.root, inRelease));
  await publish(w.http, '/debian', 'bookworm', withFields({ Version: '2' })(suite('bookworm')), [KEY]);
  const proxies = { https: w.http.url };
  t.is(reasonOf(await w.read({ ...later, fetch: { ...w.fetch, proxies, retries: 0 } })), 'file-gone');
});
