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

  const again = await r.exec('build', 'kept', '--from', 'two');
  t.is(again.status, 0, again.stderr);
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
