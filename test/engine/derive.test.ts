import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { sha256 } from '../../src/base/digest.ts';
import { folderTar } from '../../src/recipe/folder.ts';
import { projectRig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

/** The files of a tiny package as a source tree of its own, without a recipe. */
function treeOf(name: string, body: string): Record<string, string> {
  const files = Object.entries(tinyPackage(name, body)).filter(([path]) => path.includes('/source/'));
  return Object.fromEntries(files.map(([path, text]) => [path.replace(`recipes/${name}/source`, name), text]));
}

/** Derived locks and what stands in them. */
async function locksOf(home: string): Promise<readonly string[]> {
  return (await readdir(join(home, 'derived')).catch(() => [])).sort();
}

test.serial('a tree without a recipe: reproducible, offline from the second run on, and resolved anew when it changed', async (t) => {
  await using r = await projectRig();
  await r.write(
    treeOf('derived', 'date -u -r debian/control +%F > "$OUT/date"; echo "$DEB_BUILD_OPTIONS" | grep -o terse > "$OUT/options"'),
  );
  const options = { environment: { DEB_BUILD_OPTIONS: 'terse parallel=7' } };
  const first = await r.execWith(options, 'repro', './derived', '--json');
  t.is(first.status, 0, first.stderr);
  const report = JSON.parse(first.stdout);
  t.is(report.recipe.environment.DEB_BUILD_OPTIONS, 'terse');
  const deb = report.artefacts.find(({ name }: { name: string }) => name.endsWith('.deb'));
  const again = await r.execWith(options, 'build', './derived', '--json', '--offline');
  t.is(again.status, 0, again.stderr);
  t.regex(again.stderr, /as locked before/);
  t.notRegex(again.stderr, /reading the archive/);
  t.is(JSON.parse(again.stdout).outputs.find(({ name }: { name: string }) => name === deb.name).sha256, deb.first.sha256);

  // Never seen before: the lock of a tree is found again by its content, also by a later run of this test.
  await r.write({ 'derived/more': `${randomUUID()}\n` });
  const changed = await r.execWith({ ...options, cwd: join(r.path, 'derived') }, 'build');
  t.is(changed.status, 0, changed.stderr);
  t.regex(changed.stderr, /reading the archive/);
  t.deepEqual((await readdir(join(r.path, 'derived'))).sort(), ['debian', 'more'], 'results of a tree lie above it');
  t.true((await readdir(join(r.path, 'out/derived/first'))).includes('derived_1.0_all.deb'));
});

test.serial('a local .dsc without a recipe, and every way in which its files can be wrong', async (t) => {
  await using r = await projectRig();
  await r.write(
    Object.fromEntries(Object.entries(treeOf('described', 'echo same > "$OUT/text"')).map(([path, text]) => [`packed/${path}`, text])),
  );
  const pieces: Uint8Array[] = [];
  for await (const piece of folderTar(join(r.path, 'packed'))) pieces.push(piece);
  const tar = gzipSync(Buffer.concat(pieces));
  const dsc = (depends: string) =>
    `Format: 1.0\nSource: described\nBinary: described\nArchitecture: all\nVersion: 1.0\nMaintainer: N <n@example.org>\nBuild-Depends: ${depends}\nChecksums-Sha256:\n ${sha256(tar)} ${tar.length} described_1.0.tar.gz\nFiles:\n d41d8cd98f00b204e9800998ecf8427e ${tar.length} described_1.0.tar.gz\n`;
  await writeFile(join(r.path, 'described_1.0.tar.gz'), tar);
  await r.write({ 'described_1.0.dsc': dsc('dpkg-dev'), 'impossible.dsc': dsc('dpkg-dev, no-such-package (>= 2)') });
  const twice = await r.exec('repro', 'described_1.0.dsc', '--json');
  t.is(twice.status, 0, twice.stderr);
  const impossible = await r.exec('repro', 'impossible.dsc');
  t.is(impossible.status, 4, impossible.stderr);
  t.regex(impossible.stderr, /needs no-such-package \(>= 2\)/);

  await using store = await projectRig(); // one that has nothing of this yet
  const anew = { environment: { TWINBUILD_HOME: store.path } };
  await writeFile(join(r.path, 'described_1.0.tar.gz'), 'another');
  const wrong = await r.execWith(anew, 'repro', 'described_1.0.dsc');
  t.is(wrong.status, 6, wrong.stderr);
  t.regex(wrong.stderr, /described_1\.0\.dsc:9:2 .*described_1\.0\.tar\.gz is not the file/);
  t.deepEqual(await locksOf(store.path), []);
});

test.serial('a derived recipe that is killed while its lock is resolved leaves nothing that a second run minds', async (t) => {
  await using r = await projectRig();
  await r.write(treeOf('killed', 'echo same > "$OUT/text"'));
  const killed = await r.execWith(
    { started: (child) => child.onOutput((text) => /reading the archive|solving/.test(text) && child.kill('SIGKILL')) },
    'lock',
    './killed',
  );
  t.is(killed.status, 137);
  const then = await r.exec('lock', './killed', '--json');
  t.is(then.status, 0, then.stderr);
  const [{ lock }] = JSON.parse(then.stdout).locked;
  t.regex(await readFile(join(r.path, lock), 'utf8'), /"name": "killed"/);
});

test.serial("what only a time zone changes passes Debian's gate, and the clock does not", async (t) => {
  await using r = await projectRig();
  await r.write(treeOf('zone', 'date -d @1700000000 +%H:%M > "$OUT/zone"'));
  const passes = await r.exec('repro', './zone', '--as', 'debian-gate', '--json');
  t.is(passes.status, 0, passes.stderr);
  t.is(JSON.parse(passes.stdout).prediction.outcome, 'passes');
  await r.write(treeOf('zone', 'date +%Y-%m > "$OUT/month"'));
  const fails = await r.exec('repro', './zone', '--as', 'debian-gate', '--json');
  t.is(fails.status, 1, fails.stderr);
  t.is(JSON.parse(fails.stdout).prediction.outcome, 'fails');
});

test.serial("a tree and a source package with patches pass Debian's gate with its other clock", async (t) => {
  await using r = await projectRig();
  const files: Record<string, string> = {
    // A date that programs read in one way and write in another must not move with the clock.
    ...treeOf('patched', 'cp new "$OUT/new"; touch -d 2020-01-01T00:00:00Z old; gzip -nk old; touch -r old new; cp -p old.gz new "$OUT"'),
    'patched/debian/source/format': '3.0 (quilt)\n',
    'patched/debian/patches/series': 'new.patch\n',
    'patched/debian/patches/new.patch': '--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+by a patch\n',
  };
  const changelog = files['patched/debian/changelog'] ?? '';
  await r.write({ ...files, 'patched/debian/changelog': changelog.replace('(1.0)', '(1.0-1)') });
  const tree = await r.exec('repro', './patched', '--as', 'debian-gate', '--json');
  t.is(tree.status, 0, tree.stderr);
  t.is(JSON.parse(tree.stdout).prediction.outcome, 'passes');

  await r.write({ 'upstream/patched-1.0/COPYING': 'none\n' });
  const packed = { 'patched_1.0.orig.tar.gz': 'upstream', 'patched_1.0-1.debian.tar.gz': 'packaging' };
  for (const [path, text] of Object.entries(files)) await r.write({ [path.replace(/^patched\//, 'packaging/')]: text });
  await r.write({ 'packaging/debian/changelog': changelog.replace('(1.0)', '(1.0-1)') });
  const lines: string[] = [];
  for (const [name, folder] of Object.entries(packed)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of folderTar(join(r.path, folder))) pieces.push(piece);
    const tar = gzipSync(Buffer.concat(pieces));
    await writeFile(join(r.path, name), tar);
    lines.push(` ${sha256(tar)} ${tar.length} ${name}`);
  }
  const md5 = lines.map((line) => line.replace(/[0-9a-f]{64}/, 'd41d8cd98f00b204e9800998ecf8427e'));
  await r.write({
    'patched_1.0-1.dsc': `Format: 3.0 (quilt)\nSource: patched\nBinary: patched\nArchitecture: all\nVersion: 1.0-1\nMaintainer: N <n@example.org>\nChecksums-Sha256:\n${lines.join('\n')}\nFiles:\n${md5.join('\n')}\n`,
  });
  const source = await r.exec('repro', 'patched_1.0-1.dsc', '--as', 'debian-gate', '--json');
  t.is(source.status, 0, source.stderr);
});

test.serial('two versions of one source in one command keep their results apart', async (t) => {
  await using r = await projectRig();
  for (const version of ['1.0', '2.0']) {
    const files = Object.entries(treeOf('versions', version === '1.0' ? 'echo same > "$OUT/text"' : 'uname -n > "$OUT/host"'));
    await r.write(Object.fromEntries(files.map(([path, text]) => [`${version}/${path}`, text.replace('(1.0)', `(${version})`)])));
    const pieces: Uint8Array[] = [];
    for await (const piece of folderTar(join(r.path, version))) pieces.push(piece);
    const tar = gzipSync(Buffer.concat(pieces));
    const name = `versions_${version}.tar.gz`;
    await writeFile(join(r.path, name), tar);
    await r.write({
      [`versions_${version}.dsc`]: `Format: 1.0\nSource: versions\nBinary: versions\nArchitecture: all\nVersion: ${version}\nMaintainer: N <n@example.org>\nChecksums-Sha256:\n ${sha256(tar)} ${tar.length} ${name}\nFiles:\n d41d8cd98f00b204e9800998ecf8427e ${tar.length} ${name}\n`,
    });
  }
  const both = await r.exec('repro', 'versions_1.0.dsc', 'versions_2.0.dsc', '--json');
  t.is(both.status, 1, both.stderr);
  t.deepEqual(
    JSON.parse(both.stdout).results.map(({ verdict }: { verdict: string }) => verdict),
    ['reproducible', 'different'],
  );
  for (const [folder, verdict, version] of [
    ['versions', 'reproducible', '1.0'],
    ['versions_2.0', 'different', '2.0'],
  ] as const) {
    t.is(JSON.parse(await readFile(join(r.path, 'out', folder, 'report.json'), 'utf8')).verdict, verdict);
    t.true((await readdir(join(r.path, 'out', folder, 'first'))).includes(`versions_${version}_all.deb`));
  }
});
