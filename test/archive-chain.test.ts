import { rm, writeFile } from 'node:fs/promises';
import test from 'ava';
import { verifyChain } from '../src/archive/chain.ts';
import type { ArchiveIndex } from '../src/archive/types.ts';
import { sha256 } from '../src/base/digest.ts';
import type { Lock, LockedSuite } from '../src/lock/types.ts';
import { contentPath } from '../src/store/address.ts';
import { PACKAGES, publishDebian, SOURCES, signer, suite } from './helpers/archive.ts';
import { type ArchiveWorld, archiveWorld } from './helpers/archive-world.ts';
import { failed, reasonOf, value } from './helpers/stores.ts';

const [KEY, OTHER] = await Promise.all([signer(), signer()]);

function lockOf({ suites, packagesByName, sourcesByName }: ArchiveIndex): Lock {
  const hello = packagesByName.get('hello')?.[0];
  const source = sourcesByName.get('hello')?.[0];
  if (!hello || !source) throw new Error('hello is not there');
  const { archive, filename: path, size, sha256: digest, name, version, architecture } = hello;
  return {
    schema: 1,
    twinbuild: '0.1.0',
    for: 'recipe',
    name: 'hello',
    digest: sha256('recipe'),
    parts: {},
    architecture: 'amd64',
    epoch: 1,
    imageEpoch: 1,
    suites,
    packages: [{ layer: 'base', archive, path, size, sha256: digest, name, version, architecture }],
    sources: [
      {
        kind: 'debian',
        name: 'hello',
        version: source.version,
        files: source.files.map((file) => ({ archive, path: `${source.directory}/${file.name}`, size: file.size, sha256: file.sha256 })),
      },
      { kind: 'folder', directory: undefined, sha256: sha256('folder') },
    ],
  };
}

const chain = test.macro(async (t, change: (lock: Lock, w: ArchiveWorld) => Lock | Promise<Lock>, expected: string) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const lock = await change(lockOf(value(await w.read())), w);
  const result = await verifyChain(lock, w.store, { debian: KEY.keyring, container: { archives: [] } });
  t.is(result.ok ? result.value : reasonOf(result), expected);
  if (!result.ok) t.is(failed(result).kind, 'unverified-input');
});

const withPackage =
  (over: Partial<Lock['packages'][number]>) =>
  (lock: Lock): Lock => ({ ...lock, packages: lock.packages.map((each) => ({ ...each, ...over })) });
const withSuite =
  (over: Partial<LockedSuite>) =>
  (lock: Lock): Lock => ({ ...lock, suites: lock.suites.map((each, index) => (index === 0 ? { ...each, ...over } : each)) });
const without =
  (digestOf: (lock: Lock) => string) =>
  async (lock: Lock, w: ArchiveWorld): Promise<Lock> => {
    await rm(contentPath(w.root, digestOf(lock) as ReturnType<typeof sha256>));
    return lock;
  };

test('a lock as it was made', chain, (lock) => lock, 'verified');
test('another digest', chain, withPackage({ sha256: sha256('evil') }), 'lock-not-in-archive');
test('another size', chain, withPackage({ size: 10 }), 'lock-not-in-archive');
test('another version', chain, withPackage({ version: '2.10-4' }), 'lock-not-in-archive');
test('another name', chain, withPackage({ name: 'goodbye' }), 'lock-not-in-archive');
test('another path', chain, withPackage({ path: 'pool/x.deb' }), 'lock-not-in-archive');
test('another archive', chain, withPackage({ archive: 'debian-security' }), 'lock-not-in-archive');
test(
  'another source',
  chain,
  (lock) => ({
    ...lock,
    sources: [
      {
        kind: 'debian',
        name: 'hello',
        version: '2.10-3',
        files: [{ archive: 'debian', path: 'pool/main/h/hello/hello_2.10-3.dsc', size: 3, sha256: sha256('evil') }],
      },
    ],
  }),
  'lock-not-in-archive',
);
test('another date', chain, withSuite({ date: '2025-12-30T00:00:00Z' }), 'lock-other-date');
test('another suite', chain, withSuite({ suite: 'trixie' }), 'release-other-suite');
test('an archive that nobody vouches for', chain, withSuite({ archive: 'mine' }), 'keyring-missing');
test(
  'an InRelease that the store does not have',
  chain,
  without((lock) => lock.suites[1]?.inRelease ?? ''),
  'not-in-store',
);
test(
  'a list that the store has in its compressed form only',
  chain,
  without(() => sha256(PACKAGES)),
  'verified',
);
test(
  'a damaged entry',
  chain,
  async (lock, w) => {
    await writeFile(contentPath(w.root, sha256(SOURCES)), SOURCES.replace('2.10-3', '2.10-4'));
    return lock;
  },
  'store-entry-corrupt',
);

test('a keyring without the key', async (t) => {
  await using w = await archiveWorld(KEY);
  await publishDebian(w.http, suite('bookworm'), [KEY]);
  const lock = lockOf(value(await w.read()));
  t.is(reasonOf(await verifyChain(lock, w.store, { debian: OTHER.keyring, container: { archives: [] } })), 'signature-unknown-key');
});
