import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { Lock } from '../../src/lock/types.ts';
import { rig } from '../helpers/rig.ts';

const CHANGELOG = 'own (1.0) unstable; urgency=low\n\n  * New.\n\n -- A <a@example.org>  Mon, 26 Dec 2022 16:30:00 +0100\n';
const CONTROL =
  'Source: own\nMaintainer: A <a@example.org>\nBuild-Depends: zlib1g-dev [any],\n# a comment\n gone [alpha], missing <nodoc>\n\nPackage: own\nArchitecture: any\n';
const recipe = (more: string): string => `# yaml-language-server: $schema=recipe.schema.json\nname: own\n${more}`;

test('a local package is locked by what its debian/ says, the same twice, and stale when it changes', async (t) => {
  await using r = await rig();
  await r.write({
    'recipes/own/recipe.yaml': recipe('sources: [{folder: src}]\n'),
    'recipes/own/src/debian/control': CONTROL,
    'recipes/own/src/debian/changelog': CHANGELOG,
  });
  const first = await r.exec('lock', 'own');
  t.is(first.status, 0, first.stderr);
  const path = join(r.path, 'recipes/own/recipe.lock');
  const text = await readFile(path, 'utf8');
  const lock = JSON.parse(text) as Lock;
  t.is(lock.epoch, 1672068600);
  t.true(lock.packages.some(({ name, layer }) => name === 'zlib1g-dev' && layer === 'build'));
  t.true(lock.packages.some(({ name, layer }) => name === 'build-essential' && layer === 'base'));
  t.is(new Set(lock.packages.map(({ name }) => name)).size, lock.packages.length);

  t.is((await r.exec('lock', 'own')).status, 0);
  t.is(await readFile(path, 'utf8'), text);
  t.is((await r.exec('lock', '--check', 'own')).status, 0);

  await r.write({ 'recipes/own/src/new': 'x' });
  const stale = await r.exec('lock', '--check', 'own');
  t.is(stale.status, 2);
  t.regex(stale.stderr, /^recipes\/own\/recipe\.lock:\d+:5 The lock of own is older than its recipe: `sources\[0\]` changed$/m);

  // The archive may have moved on meanwhile; that what was locked stays is seen from there being no network.
  const same = await r.exec('lock', 'own', '--same-archive', '--offline');
  t.is(same.status, 0, same.stderr);
  const later = JSON.parse(await readFile(path, 'utf8')) as Lock;
  t.deepEqual({ suites: later.suites, packages: later.packages }, { suites: lock.suites, packages: lock.packages });
  t.not(later.digest, lock.digest);
  t.is((await r.exec('lock', '--check', 'own')).status, 0);
});

test('what cannot be installed is said in one sentence, with status 4', async (t) => {
  await using r = await rig();
  await r.write({ 'recipes/own/recipe.yaml': recipe('sources: [{debian: hello}]\nbuild-depends: ["debhelper (>= 99)"]\n') });
  const { status, stderr } = await r.exec('lock', 'own');
  t.is(status, 4, stderr);
  t.regex(stderr, /What hello 2\.10-3 needs cannot be installed together: it needs debhelper \(>= 99\) but 13\.\S+ is to be installed/);
});

test('a version that is not there is shown where the recipe says it, with status 2', async (t) => {
  await using r = await rig();
  await r.write({ 'recipes/own/recipe.yaml': recipe('sources:\n  - debian: hello\n    version: 1-1\n') });
  const { status, stderr } = await r.exec('lock', 'own');
  t.is(status, 2, stderr);
  t.regex(stderr, /^recipes\/own\/recipe\.yaml:5:14 bookworm has no version 1-1 of the source package hello; it has 2\.10-3$/m);
});

test('a container by itself, in each variant', async (t) => {
  await using r = await rig();
  for (const variant of ['essential', 'required']) {
    await r.write({
      [`containers/${variant}.yaml`]: `name: ${variant}\nsuite: bookworm\nvariant: ${variant}\npackages: ["nano | vim-tiny", "kmod [amd64]"]\n`,
    });
    const { status, stderr } = await r.exec('lock', variant);
    t.is(status, 0, stderr);
    const lock = JSON.parse(await readFile(join(r.path, `containers/${variant}.lock`), 'utf8')) as Lock;
    const names = lock.packages.map(({ name }) => name);
    t.is(names.includes('tzdata'), variant === 'required');
    t.true(names.includes('nano') && !names.includes('vim-tiny') && names.includes('apt') && !names.includes('build-essential'));
  }
});
