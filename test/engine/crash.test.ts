import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

const docker = async (...args: string[]): Promise<string[]> =>
  (await promisify(execFile)('docker', args)).stdout.split('\n').filter((line) => line !== '');

/** Containers and volumes that the processes with those numbers left on the engine. */
async function leftOf(pids: readonly number[]): Promise<string[]> {
  const format = ['--filter', 'label=io.twinbuild.owner=twinbuild', '--format', '{{.Label "io.twinbuild.process"}}'];
  const labels = [...(await docker('ps', '-a', ...format)), ...(await docker('volume', 'ls', ...format))];
  return labels.filter((label) => pids.some((pid) => label.includes(`/${pid}/`)));
}

/** Everything below a folder whose name says that it is not finished. */
async function unfinished(root: string): Promise<string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => []);
  return names.filter((name) => /^(store\/)?(tmp|partial)\/.|\.work@/.test(name));
}

/** Runs a command and kills it, with no chance to clean up, as soon as its output matches. */
async function killedAt(
  r: Rig,
  seen: RegExp,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ reached: boolean; pid: number }> {
  let reached = false;
  let pid = 0;
  let text = '';
  await r.execWith(
    {
      environment,
      started: (child) => {
        pid = child.pid;
        child.onOutput((piece) => {
          text += piece;
          if (!reached && seen.test(text)) {
            reached = true;
            child.kill('SIGKILL');
          }
        });
      },
    },
    ...args,
  );
  return { reached, pid };
}

const MOMENTS: readonly { readonly moment: string; readonly seen: RegExp }[] = [
  { moment: 'a download', seen: /fetching/i },
  { moment: 'an unpack', seen: /unpacking/i },
  { moment: 'a load', seen: /loading/i },
  { moment: 'the configuration', seen: /configuring/i },
  { moment: 'a build', seen: /first: build/ },
];

const SMALL = ['bc', 'dc', 'ed', 'time', 'tree', 'rename', 'lsof', 'pv', 'dos2unix', 'unzip', 'zip', 'sharutils', 'patchutils'];

test.serial('killed at any moment, the next run succeeds and clean leaves nothing', async (t) => {
  await using r = await projectRig();
  const home = await mkdtemp(join(tmpdir(), 'twinbuild-home-'));
  try {
    const environment = { TWINBUILD_HOME: home };
    // A set of packages that no earlier run is likely to have had, so that the image is not one that the engine has already.
    const some = SMALL.filter(() => Math.random() < 0.5);
    t.log(some.join(' '));
    await r.write(tinyPackage('crash', 'echo > "$OUT/text"; sleep 2', `build-depends: [${some.join(', ')}]\n`));
    const locked = await r.exec('lock', 'crash');
    t.is(locked.status, 0, locked.stderr);
    const pids: number[] = [];
    for (const { moment, seen } of MOMENTS) {
      const { reached, pid } = await killedAt(r, seen, environment, 'repro', 'crash', '--relock-if-gone');
      t.true(reached, `${moment} was not reached`);
      pids.push(pid);
    }
    const next = await r.execWith({ environment }, 'repro', 'crash', '--relock-if-gone');
    t.is(next.status, 0, next.stderr);
    const cleaned = await r.execWith({ environment }, 'clean');
    t.is(cleaned.status, 0, cleaned.stderr);
    t.deepEqual(await leftOf(pids), []);
    t.deepEqual(await unfinished(home), []);
    t.deepEqual(await unfinished(join(r.path, 'out')), []);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} in the middle of a build leaves no container and no volume`, async (t) => {
    await using r = await projectRig();
    await r.write(tinyPackage('slow', 'sleep 60'));
    t.is((await r.exec('lock', 'slow')).status, 0);
    let text = '';
    let pid = 0;
    let sent = false;
    const { status, stderr } = await r.execWith(
      {
        started: (child) => {
          pid = child.pid;
          child.onOutput((piece) => {
            text += piece;
            if (sent || !/second: build/.test(text) || !/first: build/.test(text)) return;
            sent = true;
            setTimeout(() => child.kill(signal), 300);
          });
        },
      },
      'repro',
      'slow',
    );
    t.is(status, signal === 'SIGINT' ? 130 : 143, stderr);
    t.deepEqual(await leftOf([pid]), []);
  });
}

test.serial('two runs at once on one store both succeed', async (t) => {
  await using r = await projectRig();
  await r.write(tinyPackage('pair', 'echo > "$OUT/text"'));
  t.is((await r.exec('lock', 'pair')).status, 0);
  const ends = await Promise.all([r.exec('repro', 'pair'), r.exec('repro', 'pair')]);
  t.deepEqual(
    ends.map(({ status }) => status),
    [0, 0],
    ends.map(({ stderr }) => stderr).join('\n'),
  );
});
