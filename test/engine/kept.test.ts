import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

const STEPS = (last: string, first = 'echo one > state'): string => `
steps:
  - name: one
    run: ${first}
  - name: two
    run: echo two >> state
  - name: package
    run: ${last}
`;
const PACK = 'cp state ../state.txt';
const OUTPUTS = "outputs: ['*.txt']\n";

async function project(recipe: string): Promise<Rig> {
  const r = await projectRig();
  await r.write(tinyPackage('kept', ':', recipe));
  await locked(r);
  return r;
}

async function locked(r: Rig): Promise<void> {
  const { status, stderr } = await r.exec('lock', 'kept');
  if (status !== 0) throw new Error(stderr);
}

const volumeOf = async (r: Rig): Promise<string> => JSON.parse(await readFile(join(r.path, 'out/kept/kept.json'), 'utf8')).volume;
const exists = async (volume: string): Promise<boolean> =>
  promisify(execFile)('docker', ['volume', 'inspect', volume]).then(
    () => true,
    () => false,
  );
const text = (r: Rig): Promise<string> => readFile(join(r.path, 'out/kept/first/state.txt'), 'utf8');

test.serial('a failed build is kept, mended, and goes on with its step; clean removes the volume', async (t) => {
  await using r = await project(STEPS('exit 3') + OUTPUTS);
  const nothing = await r.exec('build', 'kept', '--from', 'two');
  t.is(nothing.status, 2);
  t.regex(nothing.stderr, /No volume of kept is kept/);

  const failed = await r.exec('build', 'kept', '--keep');
  t.is(failed.status, 4, failed.stderr);
  t.regex(failed.stderr, /the volume is kept/);
  const volume = await volumeOf(r);
  t.true(await exists(volume));

  await r.write(tinyPackage('kept', ':', STEPS(PACK) + OUTPUTS));
  await locked(r);
  const mended = await r.exec('build', 'kept', '--from', 'package');
  t.is(mended.status, 0, mended.stderr);
  t.notRegex(mended.stderr, /first: (unpack|one|two)$/m, 'no earlier step ran again');
  t.is(await text(r), 'one\ntwo\n');

  const again = await r.exec('build', 'kept', '--from', 'two', '--json');
  t.is(again.status, 0, again.stderr);
  t.deepEqual(
    JSON.parse(again.stdout).steps.map(({ name }: { name: string }) => name),
    ['two', 'package'],
  );
  t.is(await text(r), 'one\ntwo\ntwo\n', 'the step and those behind it ran once more on what was there');

  const unknown = await r.exec('build', 'kept', '--from', 'three');
  t.is(unknown.status, 2);
  t.regex(unknown.stderr, /Its steps are unpack, one, two, package/);

  await r.write(tinyPackage('kept', ':', STEPS(PACK, 'echo uno > state') + OUTPUTS));
  await locked(r);
  const refused = await r.exec('build', 'kept', '--from', 'package');
  t.is(refused.status, 2);
  t.regex(refused.stderr, /the step "one", which comes before "package", is another/);
  t.is(await volumeOf(r), volume);

  const clean = await r.exec('repro', 'kept');
  t.is(clean.status, 0, clean.stderr);
  t.is(await text(r), 'uno\ntwo\n', 'repro starts clean');

  t.is((await r.exec('clean')).status, 0);
  t.false(await exists(volume));
});

test.serial('a shell finds what the steps before left, with their user and confinement, and its changes stay', async (t) => {
  await using r = await project(STEPS(PACK) + OUTPUTS);
  const shell = (input: string, ...args: string[]) => {
    const child = r.execWith({ input }, 'shell', 'kept', ...args);
    return child;
  };
  const first = await shell(
    'cat state; id -u; hostname; pwd; ls /sys/class/net; touch /etc/x 2>/dev/null || echo locked; echo three >> state; exit 9\n',
    '--at',
    'two',
  );
  t.is(first.status, 9, first.stderr);
  t.deepEqual(first.stdout.split('\n').slice(0, 6), ['one', '1000', 'twin-a', '/build/kept', 'lo', 'locked']);
  t.regex(first.stderr, /in the place of the step two/);
  const volume = await volumeOf(r);

  await using other = await projectRig();
  t.is((await other.exec('clean')).status, 0);
  t.true(await exists(volume), 'clean leaves what other projects keep');

  const second = await shell('cat state\n', '--at', 'one');
  t.is(second.stdout, 'one\nthree\n');
  t.is(await volumeOf(r), volume);

  const early = await shell('true\n', '--at', 'package');
  t.is(early.status, 2, early.stderr);
  t.regex(early.stderr, /"two" comes first/);

  const built = await r.exec('build', 'kept', '--from', 'two');
  t.is(built.status, 0, built.stderr);
  t.is(await text(r), 'one\nthree\ntwo\n');
  t.is((await r.exec('clean')).status, 0);
  t.false(await exists(volume));
});

test.serial('what changed in a local folder is brought into the kept tree, and nothing else is touched', async (t) => {
  const steps = STEPS('cat state debian/fill > ../state.txt; ls debian >> ../state.txt', 'echo one > state; echo generated > debian/rules');
  const files = (body: string) => tinyPackage('kept', body, steps + OUTPUTS);
  await using r = await projectRig();
  await r.write({ ...files(': before'), 'recipes/kept/source/debian/away': '' });
  await locked(r);
  t.is((await r.exec('build', 'kept', '--keep')).status, 0);
  t.regex(await text(r), /: before\n(.*\n)*away\n/);

  await rm(join(r.path, 'recipes/kept/source/debian/away'));
  await r.write({ ...files(': after'), 'recipes/kept/source/debian/new': 'x' });
  await locked(r);
  const built = await r.exec('build', 'kept', '--from', 'package', '--verbose');
  t.is(built.status, 0, built.stderr);
  t.regex(built.stderr, /^first: update$/m);
  t.deepEqual(built.stderr.match(/(changed|gone) debian\/\w+/g)?.sort(), ['changed debian/fill', 'changed debian/new', 'gone debian/away']);
  const now = await text(r);
  t.regex(now, /^one\ntwo\n/);
  t.regex(now, /: after\n/);
  t.regex(now, /^new$/m);
  t.notRegex(now, /^away$/m);

  const again = await r.exec('build', 'kept', '--from', 'package');
  t.notRegex(again.stderr, /first: update/);
  t.is((await r.exec('clean')).status, 0);
});

/** A patch that makes one line of a file another. */
const patch = (file: string, from: string, to: string): string =>
  `--- a/${file}\n+++ b/${file}\n@@ -1,3 +1,3 @@\n above\n-${from}\n+${to}\n below\n`;
const added = (file: string, body: string): string => `--- /dev/null\n+++ b/${file}\n@@ -0,0 +1 @@\n+${body}\n`;

test.serial('a changed series of patches is taken back and applied, and only files that come out otherwise are touched', async (t) => {
  const steps = `patches: [{path: patches}]
steps:
  - name: make
    run: |
      if [ -e stamp ]; then find . -newer stamp -type f ! -name newer | LC_ALL=C sort > newer; fi
      cat one two three 2>/dev/null > state || true
      sleep 1
      touch stamp
  - name: package
    run: 'cat state newer > ../state.txt 2>/dev/null || cp state ../state.txt'
`;
  await using r = await projectRig();
  const at = (files: Record<string, string>) =>
    Object.fromEntries(Object.entries(files).map(([name, body]) => [`recipes/kept/${name}`, body]));
  const source = { 'source/one': 'above\n1\nbelow\n', 'source/two': 'above\n2\nbelow\n' };
  await r.write({
    ...tinyPackage('kept', ':', steps + OUTPUTS),
    ...at({
      ...source,
      'patches/series': '# ours\na.patch\nb.patch -p1\nc.patch\n',
      'patches/a.patch': patch('one', '1', 'uno'),
      'patches/b.patch': patch('two', '2', 'due'),
      'patches/c.patch': added('three', 'tre'),
    }),
  });
  await locked(r);
  t.is((await r.exec('build', 'kept', '--keep')).status, 0);
  t.is(await text(r), 'above\nuno\nbelow\nabove\ndue\nbelow\ntre\n');

  await r.write(
    at({
      'patches/b.patch': patch('two', '2', 'deux'),
      'patches/series': 'a.patch\nb.patch\nd.patch\n',
      'patches/d.patch': patch('one', 'uno', 'un'),
    }),
  );
  await locked(r);
  const built = await r.exec('build', 'kept', '--from', 'make', '--verbose');
  t.is(built.status, 0, built.stderr);
  t.deepEqual(built.stderr.match(/(taking back|applying|changed|gone) \S+/g), [
    'taking back c.patch',
    'taking back b.patch',
    'applying b.patch',
    'applying d.patch',
    'changed one',
    'gone three',
    'changed two',
  ]);
  t.is(await text(r), 'above\nun\nbelow\nabove\ndeux\nbelow\n./one\n./two\n');

  // A patch that does not apply changes nothing, and what was taken back is there still.
  await r.write(at({ 'patches/d.patch': patch('one', 'eins', 'un') }));
  await locked(r);
  const failed = await r.exec('build', 'kept', '--from', 'package');
  t.is(failed.status, 4, failed.stderr);
  t.regex(failed.stderr, /The step "update" of the first build failed with status 1: the patch d\.patch does not apply/);
  await r.write(at({ 'patches/d.patch': patch('one', 'uno', 'un') }));
  await locked(r);
  const again = await r.exec('build', 'kept', '--from', 'patch', '--verbose');
  t.is(again.status, 0, again.stderr);
  t.notRegex(again.stderr, /applying|first: (update|patch)$/m);
  t.is(await text(r), 'above\nun\nbelow\nabove\ndeux\nbelow\n');

  // What somebody changed by hand, where a patch was, is not lost.
  await r.execWith({ input: 'sed -i s/un/mine/ one\n' }, 'shell', 'kept', '--at', 'make');
  await r.write(at({ 'patches/series': 'a.patch\nb.patch\n' }));
  await locked(r);
  const mine = await r.exec('build', 'kept', '--from', 'make');
  t.is(mine.status, 4, mine.stderr);
  t.regex(mine.stderr, /the patch d\.patch cannot be taken back, because what it changed was changed after it/);

  // What a patch made of a file is not lost when the file changes in its folder.
  await r.write(at({ 'patches/series': 'a.patch\nb.patch\nd.patch\n', 'source/two': 'above\n2\nbelow\nmore\n', 'source/new': 'x' }));
  await locked(r);
  const both = await r.exec('build', 'kept', '--from', 'make');
  t.is(both.status, 4, both.stderr);
  t.regex(both.stderr, /two changed in its folder, and a patch changes it, too: begin anew/);
  t.is((await r.exec('clean')).status, 0);
});

test.serial('a tree that was patched in part is begun anew', async (t) => {
  await using r = await projectRig();
  await r.write({
    ...tinyPackage('kept', ':', `patches: [{path: patches}]\nsteps: [{name: package, run: cp one ../state.txt}]\n${OUTPUTS}`),
    'recipes/kept/source/one': 'above\n1\nbelow\n',
    'recipes/kept/patches/series': 'a.patch\nb.patch\n',
    'recipes/kept/patches/a.patch': patch('one', '1', 'uno'),
    'recipes/kept/patches/b.patch': patch('one', '1', 'due'),
  });
  await locked(r);
  const failed = await r.exec('build', 'kept', '--keep');
  t.is(failed.status, 4);
  t.regex(failed.stderr, /The patch b\.patch does not apply: hunk 1 of one/);
  await r.write({ 'recipes/kept/patches/b.patch': patch('one', 'uno', 'due') });
  await locked(r);
  const refused = await r.exec('build', 'kept', '--from', 'patch');
  t.is(refused.status, 2, refused.stderr);
  t.regex(refused.stderr, /the patches were not all applied to its tree/);
  t.regex(refused.stderr, /twinbuild build kept --keep/);
  t.is((await r.exec('build', 'kept', '--keep')).status, 0);
  t.is(await text(r), 'above\ndue\nbelow\n');
  t.is((await r.exec('clean')).status, 0);
});
