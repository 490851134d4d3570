import test from 'ava';
import type { Why } from '../../src/build/why-result.ts';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

type Ended = { readonly status: number; readonly why: Why; readonly stderr: string };

/** A project with one locked tiny package. */
async function project(name: string, body: string): Promise<Rig> {
  const r = await projectRig();
  await r.write(tinyPackage(name, body));
  const locked = await r.exec('lock', name);
  if (locked.status !== 0) throw new Error(locked.stderr);
  return r;
}

async function why(r: Rig, name: string, ...flags: readonly string[]): Promise<Ended> {
  const { status, stdout, stderr } = await r.exec('repro', name, '--why', '--json', ...flags);
  return { status, why: JSON.parse(stdout || 'null')?.why, stderr };
}

/** How often a build began. */
const built = (text: string): number => text.match(/^why: unpack$/gm)?.length ?? 0;

test.serial('one guilty surrounding is named with at most ceil(log2 n) + 2 builds, on the two builds that are there', async (t) => {
  await using r = await project('one', 'umask > "$OUT/leak"; date -d @0 +%Y > "$OUT/fine"');
  t.is((await r.exec('repro', 'one')).status, 1);
  const ended = await why(r, 'one');
  t.is(ended.status, 1, ended.stderr);
  t.deepEqual(ended.why.guilty, ['umask']);
  t.false(ended.why.random);
  t.true(ended.why.builds <= Math.ceil(Math.log2(13)) + 2, String(ended.why.builds));
  t.is(built(ended.stderr), ended.why.builds);
  t.notRegex(ended.stderr, /^(first|second): /m, 'the two builds were there');
  t.regex(ended.stderr, /at most 6 more builds, about \d/);
  t.deepEqual(ended.why.tried[1]?.varied, [], 'the first further build varies nothing');
  t.deepEqual(ended.why.tried[1]?.artefacts, []);

  const again = await why(r, 'one');
  t.deepEqual(again.why, ended.why);
  t.is(built(again.stderr), 0, 'nothing is built twice');
});

test.serial('two guilty surroundings, each with a place of its own, and one pair that matters together only', async (t) => {
  const both = 'if [ "$(id -un)" = builder ] || [ "$(uname -n)" = twin-a ]; then echo a; else echo b; fi > "$OUT/together"';
  await using r = await project('two', `printf '%s\\n' b A a B | sort > "$OUT/sorted"; uname -n > "$OUT/host"; ${both}`);
  const ended = await why(r, 'two');
  t.is(ended.status, 1, ended.stderr);
  t.deepEqual(ended.why.guilty, ['hostname', 'locale', 'user']);
  const blames = ended.why.artefacts.find(({ name }) => name.endsWith('.deb'))?.blames ?? [];
  const of = (file: string) =>
    blames.filter(({ trails }) => trails.some((trail) => trail.at(-1)?.endsWith(file))).map(({ surroundings }) => surroundings);
  t.deepEqual(of('/sorted'), [['locale']]);
  t.deepEqual(of('/host'), [['hostname']]);
  t.deepEqual(of('/together'), [['hostname', 'user']]);
});

test.serial('what is random takes one further build, and what is not is found beside it', async (t) => {
  await using r = await project('random', 'head -c 16 /dev/urandom > "$OUT/noise"');
  const ended = await why(r, 'random');
  t.is(ended.status, 1, ended.stderr);
  t.deepEqual(ended.why.guilty, []);
  t.true(ended.why.random);
  t.is(ended.why.builds, 1);

  await using mixed = await project('mixed', 'head -c 16 /dev/urandom > "$OUT/noise"; echo "$HOME" > "$OUT/home"');
  const other = await why(mixed, 'mixed');
  t.deepEqual(other.why.guilty, ['home']);
  t.true(other.why.random);
});

test.serial('killed in the middle, the next search goes on and builds nothing again', async (t) => {
  await using r = await project('killed', 'uname -r > "$OUT/leak"');
  let text = '';
  let killed = false;
  await r.execWith(
    {
      started: (child) =>
        child.onOutput((piece) => {
          text += piece;
          if (killed || built(text) < 3) return;
          killed = true;
          child.kill('SIGKILL');
        }),
    },
    'repro',
    'killed',
    '--why',
  );
  t.true(killed, text);
  const ended = await why(r, 'killed');
  t.is(ended.status, 1, ended.stderr);
  t.deepEqual(ended.why.guilty, ['kernel']);
  t.notRegex(ended.stderr, /^(first|second): /m);
  t.regex(ended.stderr, /2 builds of an earlier search are used/);
  t.is(built(ended.stderr), ended.why.builds - 2);
  t.is((await r.exec('clean')).status, 0);
});

test.serial('another lock or another source begins anew', async (t) => {
  await using r = await project('anew', 'uname -n > "$OUT/leak"');
  t.is((await r.exec('repro', 'anew')).status, 1);
  await r.write(tinyPackage('anew', 'uname -n > "$OUT/another"'));
  t.is((await r.exec('lock', 'anew')).status, 0);
  const ended = await why(r, 'anew', '--skip', 'hostname');
  t.is(ended.status, 0, ended.stderr);
  t.regex(ended.stderr, /^first: unpack$/m);
});
