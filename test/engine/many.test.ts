import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { byBytes } from '../../src/base/order.ts';
import type { ManyReport } from '../../src/report/many.ts';
import { indexOf, ownHome, packages } from '../helpers/lists.ts';
import { PROJECT, projectRig } from '../helpers/rig.ts';

const row = ({ name, status }: ManyReport['results'][number]): string => `${name}: ${status}`;

/** Containers and volumes that a process left. */
async function leftOf(pid: number): Promise<string[]> {
  const run = async (...args: string[]) => (await promisify(execFile)('docker', args)).stdout.split('\n');
  const format = ['--filter', 'label=io.twinbuild.owner=twinbuild', '--format', '{{.Label "io.twinbuild.process"}}'];
  const labels = [...(await run('ps', '-a', ...format)), ...(await run('volume', 'ls', ...format))];
  return labels.filter((label) => label.includes(`/${pid}/`));
}

test.serial('a list: the table, the index, what is kept, the history; and a second run that builds nothing', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  await packages(r, { same: 'echo same > "$OUT/text"', other: 'uname -n > "$OUT/text"', broken: 'exit 3' });
  await r.write({ 'lists/three.list': '# three\nsame kind=shell\nother kind=perl time-limit=10m\n../recipes/broken/recipe.yaml\n' });
  const run = (...args: string[]) => r.execWith({ environment: { TWINBUILD_HOME: home.path } }, ...args);
  const first = await run('repro', '--from', 'lists/three.list', '--jobs', '2');
  t.is(first.status, 4, first.stderr);
  t.regex(first.stdout, /^= same .* reproducible/m);
  t.regex(first.stdout, /^≠ other .* different .*hostname/m);
  t.regex(first.stdout, /^! broken .* build failed/m);
  t.regex(first.stdout, /3 packages: 1 reproducible, 1 different, 1 build failed/);

  const index = await indexOf(r, 'three');
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(await readFile(join(PROJECT, 'schema/many.schema.json'), 'utf8')),
  );
  t.true(validate(index), JSON.stringify(validate.errors));
  t.deepEqual(index.results.map(row), ['same: reproducible', 'other: different', 'broken: build-failed']);
  t.deepEqual(
    index.results.map(({ kind }) => kind),
    ['shell', 'perl', null],
  );
  const at = join(r.path, 'out/many/three');
  t.regex(await readFile(join(at, 'index.html'), 'utf8'), /<a href="other\/report.html">/);
  t.regex(await readFile(join(at, 'junit.xml'), 'utf8'), /tests="3" failures="1" errors="1" skipped="0"/);
  t.deepEqual((await readdir(join(at, 'same/first'))).sort(byBytes), ['SHA256SUMS', 'build.log', 'build.sh']);
  t.notRegex(await readFile(join(at, 'same/report.html'), 'utf8'), /<a href="first\//);
  t.true((await readdir(join(at, 'other/first'))).includes('shared_1.0_all.deb'));

  const again = await run('repro', '--from', 'lists/three.list');
  t.is(again.status, 4, again.stderr);
  t.deepEqual((await indexOf(r, 'three')).results, index.results);
  const once = JSON.parse((await run('history', '--json')).stdout).history as { name: string; status: string; inputs: string }[];
  t.is(once.length, 3);

  // Only what changed, or was asked for, is built once more.
  await r.write({ 'lists/three.list': 'other\nsame\n' });
  const forced = await run('repro', '--from', 'lists/three.list', '--again', 'different', '--json');
  t.is(forced.status, 1, forced.stderr);
  t.deepEqual(
    (JSON.parse(forced.stdout) as ManyReport).results.map((one) => `${row(one)} ${one.tries.length}`),
    ['other: different 2', 'same: reproducible 1'],
  );
  const history = JSON.parse((await run('history', 'other', '--json')).stdout).history as { inputs: string }[];
  t.is(history.length, 2);
  t.is(history[0]?.inputs, history[1]?.inputs);
});

test.serial('killed at any moment, the next run goes on: the same table, and no finished package is built again', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  const names = Array.from({ length: 10 }, (_, at) => `tiny-${at}`);
  await packages(
    r,
    Object.fromEntries(names.map((name, at) => [name, at === 3 ? 'uname -n > "$OUT/text"' : at === 6 ? 'exit 1' : 'echo > "$OUT/text"'])),
  );
  await r.write({ 'ten.list': names.join('\n') });
  const environment = { TWINBUILD_HOME: home.path };
  const reports = async (): Promise<Map<string, number>> => {
    const done = JSON.parse((await r.execWith({ environment }, 'history', '--json')).stdout).history as { name: string }[];
    const times = done.map(async ({ name }) => [name, (await stat(join(r.path, 'out/many/ten', name, 'report.json'))).mtimeMs] as const);
    return new Map(await Promise.all(times));
  };
  const finished = new Map<string, number>();
  let kills = 0;
  // Each time a little later: while it begins, in the first builds, and after two or three more packages.
  for (const seen of [
    /10 packages/,
    /begins/,
    /\[ *\d+\/10\](.*\n)*?\[ *\d+\/10\]/,
    /\[ *\d+\/10\](.*\n)*?\[ *\d+\/10\](.*\n)*?\[ *\d+\/10\]/,
  ]) {
    let text = '';
    let reached = false;
    const ended = await r.execWith(
      {
        environment,
        started: (child) =>
          child.onOutput((piece) => {
            text += piece;
            if (reached || !seen.test(text)) return;
            reached = true;
            setTimeout(() => child.kill('SIGKILL'), Math.random() * 1500);
          }),
      },
      'repro',
      '--from',
      'ten.list',
      '--jobs',
      '3',
    );
    if (ended.status === 137) kills += 1;
    for (const [name, mtimeMs] of await reports()) {
      t.is(mtimeMs, finished.get(name) ?? mtimeMs, `${name} was built again`);
      finished.set(name, mtimeMs);
    }
  }
  t.true(kills >= 3);
  t.true(finished.size >= 2);
  const last = await r.execWith({ environment }, 'repro', '--from', 'ten.list', '--jobs', '3');
  t.is(last.status, 4, last.stderr);
  const { results, complete } = await indexOf(r, 'ten');
  t.true(complete);
  t.deepEqual(
    results.map(row),
    names.map((name, at) => `${name}: ${at === 3 ? 'different' : at === 6 ? 'build-failed' : 'reproducible'}`),
  );
  t.deepEqual(
    results.map(({ tries }) => tries.length),
    names.map(() => 1),
  );
  for (const [name, mtimeMs] of await reports()) t.is(mtimeMs, finished.get(name) ?? mtimeMs, `${name} was built again`);
  t.log(`${kills} kills, ${finished.size} finished before the last run`);
});

test.serial('Ctrl-C ends with 130 and leaves nothing; meanwhile another run on the same list is refused', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  await packages(r, { long: 'sleep 60', longer: 'sleep 60' });
  await r.write({ 'slow.list': 'long\nlonger\n' });
  const environment = { TWINBUILD_HOME: home.path };
  let pid = 0;
  let second: Promise<{ status: number; stderr: string }> | undefined;
  const ended = await r.execWith(
    {
      environment,
      started: (child) => {
        pid = child.pid;
        child.onOutput((text) => {
          if (second || !text.includes('long: begins')) return;
          second = r.execWith({ environment }, 'repro', '--from', 'slow.list');
          void second.then(() => setTimeout(() => child.kill('SIGINT'), 1500));
        });
      },
    },
    'repro',
    '--from',
    'slow.list',
    '--jobs',
    '2',
  );
  t.is(ended.status, 130, ended.stderr);
  t.regex(ended.stdout, /2 packages: 2 waiting/);
  const refused = await second;
  t.is(refused?.status, 3, refused?.stderr);
  t.regex(refused?.stderr ?? '', /Another run works on slow.list/);
  t.deepEqual(await leftOf(pid), []);
  t.deepEqual(JSON.parse((await r.execWith({ environment }, 'history', '--json')).stdout).history, []);
});

test.serial('every wrong line of a list is said with its place, from a file and from standard input', async (t) => {
  await using r = await projectRig();
  await r.write({
    'lists/bad.list':
      'good\nbad one\n./nowhere\nb@d\nsource:a1 vary=cpus skip=cpu\nsource:a2 container=./none.yaml\n../own build=all\n../lists\nsource:a3 profiles=NO\n',
    'own/recipe.yaml': 'name: own\n',
  });
  const places = [
    'lists/bad.list:2:5',
    'lists/bad.list:3:1',
    'lists/bad.list:4:1',
    'lists/bad.list:5:21',
    'lists/bad.list:6:11',
    'lists/bad.list:7:8',
    'lists/bad.list:8:1',
    'lists/bad.list:9:11',
  ];
  const file = await r.exec('repro', '--from', 'lists/bad.list');
  t.is(file.status, 2);
  for (const place of places) t.true(file.stderr.includes(`${place} `), file.stderr);
  const onGithub = await r.execWith({ environment: { GITHUB_ACTIONS: 'true' } }, 'repro', '--from', 'lists/bad.list');
  t.regex(onGithub.stderr, /^::error file=lists\/bad\.list,line=5,col=21,title=list option::skip=: there is no surrounding "cpu"/m);
  const text = await r.execWith({ input: 'a\n\xff\u0007\n' }, 'repro', '--from', '-');
  t.is(text.status, 2);
  const stdin = await r.execWith({ input: 'a\na b\n' }, 'repro', '--from', '-');
  t.is(stdin.status, 2);
  t.true(stdin.stderr.includes('-:2:3'), stdin.stderr);
  const both = await r.exec('repro', 'hello', '--from', 'bad.list');
  t.is(both.status, 2);
});
