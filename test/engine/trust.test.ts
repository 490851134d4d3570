import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { flipped, type Meddling, meddledMirror } from '../helpers/mirror.ts';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

/** A store of the test's own, removed with the scope. */
async function emptyHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'twinbuild-home-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

const LIES: readonly { readonly what: string; readonly verb: 'lock' | 'repro'; readonly meddling: Meddling }[] = [
  {
    what: 'an InRelease',
    verb: 'lock',
    meddling: async (path, body) => (path.endsWith('/bookworm/InRelease') ? flipped(await body()) : undefined),
  },
  {
    what: 'a Packages file',
    verb: 'lock',
    meddling: async (path, body) => (/binary-amd64\/(by-hash|Packages)/.test(path) ? flipped(await body()) : undefined),
  },
  { what: 'a .deb', verb: 'repro', meddling: async (path, body) => (path.endsWith('.deb') ? flipped(await body()) : undefined) },
];

for (const { what, verb, meddling } of LIES) {
  test.serial(`a tampered ${what.replace(/^an? /, '')} stops everything with exit status 6`, async (t) => {
    await using r = await projectRig();
    await using home = await emptyHome();
    await using mirror = await meddledMirror();
    const environment = { ...mirror.environment, TWINBUILD_HOME: home.path };
    await r.write(tinyPackage('lied-to', 'echo > "$OUT/text"'));
    if (verb === 'repro') {
      const locked = await r.exec('lock', 'lied-to');
      t.is(locked.status, 0, locked.stderr);
    }
    mirror.meddling = meddling;
    const { status, stderr } = await r.execWith({ environment }, verb, 'lied-to');
    t.is(status, 6, stderr);
    t.notRegex(stderr, /first: /);
  });
}

/** The lock of a tiny package, changed, and what a build says to it. */
async function withLock(r: Rig, change: (text: string) => string): Promise<{ status: number; stderr: string }> {
  const path = join(r.path, 'recipes/locked/recipe.lock');
  const text = await readFile(path, 'utf8');
  await writeFile(path, change(text));
  const ended = await r.exec('build', 'locked');
  await writeFile(path, text);
  return ended;
}

test.serial('a lock that was edited or does not belong to its recipe stops every command with a sentence', async (t) => {
  await using r = await projectRig();
  await r.write(tinyPackage('locked', 'echo > "$OUT/text"'));
  const locked = await r.exec('lock', 'locked');
  t.is(locked.status, 0, locked.stderr);
  const changes: readonly ((text: string) => string)[] = [
    (text) => text.replace(/"epoch": \d+/, '"epoch": 1'),
    (text) => text.replace(/[0-9a-f]{64}/, 'a'.repeat(64)),
    (text) => text.slice(0, -20),
    (text) => `<<<<<<< ours\n${text}`,
    () => '',
  ];
  for (const change of changes) {
    const { status, stderr } = await withLock(r, change);
    t.is(status, 2, stderr);
    t.regex(stderr, /recipe\.lock/);
  }
  await r.write({ 'recipes/locked/source/debian/more': 'a file that was not there\n' });
  const stale = await r.exec('repro', 'locked');
  t.is(stale.status, 2, stale.stderr);
  t.regex(stale.stderr, /twinbuild lock locked/);
  t.is((await r.exec('lock', '--check', 'locked')).status, 2);
  t.is((await r.exec('lock', 'locked')).status, 0);
  t.is((await r.exec('lock', '--check', 'locked')).status, 0);
});

test.serial('a damaged store entry is refused, moved aside, and fetched again by the next run', async (t) => {
  await using r = await projectRig();
  await using home = await emptyHome();
  const environment = { TWINBUILD_HOME: home.path };
  await r.write(tinyPackage('damaged', 'echo > "$OUT/text"', 'build-depends: [bc]\n'));
  t.is((await r.exec('lock', 'damaged')).status, 0);
  const fetched = await r.execWith({ environment }, 'fetch', 'damaged', '--relock-if-gone');
  t.is(fetched.status, 0, fetched.stderr);
  const content = join(home.path, 'store/sha256');
  const entries = (await readdir(content, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(entries.map(async (path) => ({ path, size: (await stat(path)).size })));
  const [largest] = sizes.sort((a, b) => b.size - a.size);
  if (!largest) throw new Error('the store is empty');
  await writeFile(largest.path, flipped(await readFile(largest.path)));

  const refused = await r.execWith({ environment }, 'repro', 'damaged', '--relock-if-gone');
  t.is(refused.status, 6, refused.stderr);
  t.notRegex(refused.stderr, /first: /);
  const next = await r.execWith({ environment }, 'repro', 'damaged', '--relock-if-gone');
  t.is(next.status, 0, next.stderr);
});
