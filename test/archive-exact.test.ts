import test from 'ava';
import fc from 'fast-check';
import { type Exact, exactKey, findExact, nearestTo, type SearchPlaces } from '../src/archive/exact.ts';
import { binaryFilesUrl, parseSightings, snapshotFolder, sourceFilesUrl } from '../src/archive/snapshot.ts';
import { currentLists, type ListsContext, type ListsWish } from '../src/archive/suite-lists.ts';
import type { Mirrors } from '../src/archive/types.ts';
import { sha256 } from '../src/base/digest.ts';
import { compareVersions } from '../src/control/version.ts';
import { DATE_SECONDS, NOW_SECONDS, publish, publishDebian, signer, suite, withFields } from './helpers/archive.ts';
import { type ArchiveWorld, archiveWorld } from './helpers/archive-world.ts';
import { inTurn, serve, status } from './helpers/server.ts';
import { failed, reasonOf, value } from './helpers/stores.ts';

const [KEY, OTHER] = await Promise.all([signer(), signer()]);
const SNAPSHOT: Mirrors = { from: 'none', debian: [], security: [] };

test('addresses of the snapshot archive', (t) => {
  t.is(
    snapshotFolder('debian', Date.UTC(2023, 5, 12, 9, 15) / 1000, SNAPSHOT),
    'https://snapshot.debian.org/archive/debian/20230612T091500Z',
  );
  t.is(
    binaryFilesUrl('g++-12', '12.2.0-14+deb12u1', SNAPSHOT),
    'https://snapshot.debian.org/mr/binary/g++-12/12.2.0-14+deb12u1/binfiles?fileinfo=1',
  );
  t.is(binaryFilesUrl('file', '1:5.44-3', SNAPSHOT), 'https://snapshot.debian.org/mr/binary/file/1:5.44-3/binfiles?fileinfo=1');
  t.is(
    sourceFilesUrl('hello', '2.10-3', { ...SNAPSHOT, snapshot: 'http://here.example' }),
    'http://here.example/mr/package/hello/2.10-3/srcfiles?fileinfo=1',
  );
});

const answer = (entries: readonly unknown[]) => Buffer.from(JSON.stringify({ fileinfo: { abc: entries }, package: 'hello' }));

test('sightings, the earliest first', (t) => {
  const seen = (archive: string, at: string) => ({ archive_name: archive, first_seen: at, name: 'hello.deb', path: '/pool', size: 1 });
  const bytes = answer([
    seen('debian-security', '20240102T030405Z'),
    seen('debian', '20230612T091500Z'),
    seen('../x', '20230612T091500Z'),
    seen('debian', '2023'),
    7,
  ]);
  t.deepEqual(value(parseSightings('hello', bytes)), [
    { archive: 'debian', seconds: Date.UTC(2023, 5, 12, 9, 15) / 1000, name: 'hello.deb' },
    { archive: 'debian-security', seconds: Date.UTC(2024, 0, 2, 3, 4, 5) / 1000, name: 'hello.deb' },
  ]);
});
test('an answer that is none', (t) => {
  for (const text of ['', 'null', '[]', '{}', '{"fileinfo": 1}'])
    t.is(reasonOf(parseSightings('hello', Buffer.from(text))), 'snapshot-malformed', text);
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const read = parseSightings('x', Buffer.from(JSON.stringify({ fileinfo: json })));
      t.true(read.ok || read.error.reason === 'snapshot-malformed');
    }),
  );
});

const stanza = (name: string, version: string, architecture = 'amd64') =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nFilename: pool/${name}_${version}.deb\nSize: 1\nSHA256: ${sha256(`${name} ${version}`)}\n`;
const packages = (...all: readonly string[]) => all.join('\n');

const wish = (name: string, archive = 'debian'): ListsWish => ({
  archive,
  suite: name,
  components: ['main'],
  architecture: 'amd64',
  keyring: KEY.keyring,
});
const places = (over: Partial<SearchPlaces> = {}): SearchPlaces => ({
  first: [wish('bookworm')],
  further: [],
  snapshot: [],
  snapshotSeconds: undefined,
  ...over,
});
const exact = (name: string, version: string, architecture?: string): Exact => ({ name, version, architecture });

function contextOf(w: ArchiveWorld, over: Partial<ListsContext> = {}): ListsContext {
  return {
    store: w.store,
    mirrors: {
      from: 'environment',
      debian: [`${w.http.url}/debian`],
      security: [`${w.http.url}/debian-security`],
      snapshot: `${w.http.url}/snapshot`,
    },
    archives: [],
    fetch: w.fetch,
    nowSeconds: NOW_SECONDS,
    ...over,
  };
}

test('exactly that version, and only of that architecture', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '1'), stanza('a', '2'), stanza('b', '1', 'all'))), [KEY]);
  const wanted = [exact('a', '1'), exact('a', '3'), exact('b', '1'), exact('b', '1', 'all'), exact('b', '1', 'amd64'), exact('c', '1')];
  const { found, missing } = value(await findExact(wanted, places(), contextOf(w)));
  t.is(found.get(exactKey(exact('a', '1')))?.package.sha256, sha256('a 1'));
  t.is(found.get(exactKey(exact('b', '1')))?.package.architecture, 'all');
  t.deepEqual(missing, [exact('a', '3'), exact('c', '1')]);
});

test('an earlier list that the store holds still vouches for what has left the archive', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '1'))), [KEY]);
  value(await findExact([exact('a', '1')], places(), contextOf(w)));
  const later = withFields({ Date: 'Wed, 31 Dec 2025 12:00:00 UTC' })(suite('bookworm', packages(stanza('a', '2'))));
  await publish(w.http, '/debian', 'bookworm', later, [KEY]);
  const { found, looked } = value(await findExact([exact('a', '1')], places(), contextOf(w)));
  t.is(found.size, 1);
  t.regex(looked.join('\n'), /2025-12-31T00:00:00Z, from the store: has 1/);
  const nothing = value(await findExact([exact('a', '3')], places(), contextOf(w, { fetch: { ...w.fetch, offline: true } })));
  t.is(nothing.missing.length, 1);
});

test('further suites are read only while something is missing', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '1'))), [KEY]);
  await publish(w.http, '/debian', 'sid', suite('sid', packages(stanza('a', '2'))), [KEY]);
  const further = places({ further: [wish('gone'), wish('sid')] });
  value(await findExact([exact('a', '1')], further, contextOf(w)));
  t.false(w.http.requests.some(({ path }) => path.includes('sid')));
  const { found, looked } = value(await findExact([exact('a', '2')], further, contextOf(w)));
  t.is(found.get(exactKey(exact('a', '2')))?.lists.suite.suite, 'sid');
  t.true(
    looked.some((line) => line.startsWith('debian gone (main): not read')),
    looked.join('\n'),
  );
});

test('a list past its Valid-Until vouches for its versions all the same', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(
    w.http,
    withFields({ 'Valid-Until': 'Wed, 31 Dec 2025 01:00:00 UTC' })(suite('bookworm', packages(stanza('a', '1')))),
    [KEY],
  );
  t.is(reasonOf(await w.read()), 'release-expired');
  t.is(value(await findExact([exact('a', '1')], places(), contextOf(w))).found.size, 1);
});

test('a list of nobody that is known ends the search', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '1'))), [KEY]);
  await publish(w.http, '/debian', 'sid', suite('sid', packages(stanza('a', '2'))), [OTHER]);
  const failure = failed(await findExact([exact('a', '2')], places({ further: [wish('sid')] }), contextOf(w)));
  t.is(failure.reason, 'signature-unknown-key');
  t.is(failure.kind, 'unverified-input');
});

const DAY = DATE_SECONDS - 30 * 86_400;

test('what only a snapshot archive has is found in its signed list of the time of the build', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '2'))), [KEY]);
  const at = new URL(snapshotFolder('debian', DAY, contextOf(w).mirrors)).pathname;
  await publish(w.http, at, 'sid', suite('sid', packages(stanza('a', '1'))), [KEY]);
  const { found } = value(await findExact([exact('a', '1')], places({ snapshot: [wish('sid')], snapshotSeconds: DAY }), contextOf(w)));
  const one = found.get(exactKey(exact('a', '1')));
  t.is(one?.package.sha256, sha256('a 1'));
  t.is(one?.lists.folderUrl, `${w.http.url}${at}`);
});

test('or of the time when that saw it first', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '2'))), [KEY]);
  const { mirrors } = contextOf(w);
  const seconds = Date.UTC(2023, 5, 12, 9, 15) / 1000;
  const at = new URL(snapshotFolder('debian', seconds, mirrors)).pathname;
  await publish(w.http, at, 'sid', suite('sid', packages(stanza('a', '1'), stanza('b', '1'))), [KEY]);
  const bytes = answer([{ archive_name: 'debian', first_seen: '20230612T091500Z', name: 'a_1_amd64.deb' }]);
  w.http.on('/snapshot/mr/binary/a/1/binfiles?fileinfo=1', serve(bytes));
  const { found, missing } = value(
    await findExact([exact('a', '1'), exact('b', '1'), exact('c', '1')], places({ snapshot: [wish('sid')] }), contextOf(w)),
  );
  t.is(found.size, 2);
  t.deepEqual(missing, [exact('c', '1')]);
  t.false(
    w.http.requests.some(({ path }) => path.includes('/binary/b/')),
    'b was in the list that a was looked for in',
  );
});

test('a snapshot archive that signs with another key vouches for nothing', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', ''), [KEY]);
  const at = new URL(snapshotFolder('debian', DAY, contextOf(w).mirrors)).pathname;
  await publish(w.http, at, 'sid', suite('sid', packages(stanza('a', '1'))), [OTHER]);
  const failure = failed(await findExact([exact('a', '1')], places({ snapshot: [wish('sid')], snapshotSeconds: DAY }), contextOf(w)));
  t.is(failure.reason, 'signature-unknown-key');
});

test('a snapshot archive that cannot be reached is said, and asked once', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', ''), [KEY]);
  const at = new URL(snapshotFolder('debian', DAY, contextOf(w).mirrors)).pathname;
  w.http.on(`${at}/dists/sid/InRelease`, inTurn(status(503)));
  const wanted = [exact('a', '1'), exact('b', '1')];
  const { missing, looked } = value(await findExact(wanted, places({ snapshot: [wish('sid')], snapshotSeconds: DAY }), contextOf(w)));
  t.is(missing.length, 2);
  t.regex(looked.at(-1) ?? '', /not read/);
  t.false(w.http.requests.some(({ path }) => path.includes('/mr/')));
  const offline = value(
    await findExact(wanted, places({ snapshot: [wish('sid')] }), contextOf(w, { fetch: { ...w.fetch, offline: true } })),
  );
  t.regex(offline.looked.at(-1) ?? '', /--offline/);
});

test('nearest: the next newer one, else the newest', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm', packages(stanza('a', '1'), stanza('a', '4'), stanza('a', '3'))), [KEY]);
  const lists = [value(await currentLists(wish('bookworm'), contextOf(w)))];
  const near = (version: string) => nearestTo(exact('a', version), lists, compareVersions)?.package.version;
  t.deepEqual([near('0'), near('2'), near('3.1'), near('9')], ['1', '3', '4', '4']);
  t.is(nearestTo(exact('b', '1'), lists, compareVersions), undefined);
});
