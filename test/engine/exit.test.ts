import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { flipped, meddledMirror } from '../helpers/mirror.ts';
import { PROJECT, projectRig, type Rig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

type Case = {
  readonly status: number;
  readonly verdict: string | undefined; // of report.json; undefined: a run that says nothing about the package
  readonly what: string;
  readonly body?: string;
  readonly recipe?: string;
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly after?: (r: Rig) => Promise<void>; // between lock and repro
  readonly says: RegExp;
};

const CASES: readonly Case[] = [
  { status: 0, verdict: 'reproducible', what: 'the same bytes twice', body: 'echo same > "$OUT/text"', says: /^$/ },
  { status: 1, verdict: 'different', what: 'other bytes', body: 'uname -n > "$OUT/text"', says: /^$/ },
  {
    status: 2,
    verdict: undefined,
    what: 'a recipe with an unknown key',
    recipe: '',
    after: (r) => r.write({ 'recipes/ends/recipe.yaml': 'name: ends\nsorces: []\n' }),
    says: /recipe\.yaml:2:1 .*sources/s,
  },
  { status: 2, verdict: undefined, what: 'a surrounding that does not exist', flags: ['--skip', 'hostnam'], says: /hostname/ },
  { status: 3, verdict: undefined, what: 'no engine', environment: { DOCKER_HOST: 'unix:///nonexistent/docker.sock' }, says: /engine/i },
  { status: 4, verdict: 'build-failed', what: 'a step that fails', body: 'echo the reason why >&2; exit 3', says: /the reason why/ },
  { status: 4, verdict: 'build-failed', what: 'outputs that nobody made', recipe: 'outputs: ["*.rpm"]\n', says: /rpm/ },
  {
    status: 5,
    verdict: 'timeout',
    what: 'a step without end',
    body: 'sleep 600',
    recipe: 'steps:\n  - name: build\n    run: dpkg-buildpackage --build=binary --no-sign\n    time-limit: 3s\n',
    says: /build/,
  },
  {
    status: 8,
    verdict: undefined,
    what: 'a permission that was not granted',
    recipe: 'permissions:\n  capabilities: [SYS_PTRACE]\n',
    says: /--grant capability=SYS_PTRACE/,
  },
  {
    status: 0,
    verdict: 'reproducible',
    what: 'the same with the permission granted',
    recipe: 'permissions:\n  capabilities: [SYS_PTRACE]\n',
    flags: ['--grant', 'capability=SYS_PTRACE'],
    says: /^$/,
  },
];

for (const { status, verdict, what, body = 'echo > "$OUT/text"', recipe = '', flags = [], environment = {}, after, says } of CASES) {
  test.serial(`exit status ${status} for ${what}`, async (t) => {
    await using r = await projectRig();
    await r.write(tinyPackage('ends', body, recipe));
    const locked = await r.exec('lock', 'ends');
    t.is(locked.status, 0, locked.stderr);
    await after?.(r);
    const ended = await r.execWith({ environment }, 'repro', 'ends', '--json', '-q', ...flags);
    t.is(ended.status, status, ended.stderr);
    const document = JSON.parse(ended.stdout);
    t.is(document.verdict, verdict);
    if (says.source !== '^$') t.regex(ended.stderr, says);
    if (verdict !== undefined) {
      const report = JSON.parse(await readFile(join(r.path, 'out/ends/report.json'), 'utf8'));
      t.deepEqual(report, document);
      const validate = new Ajv2020({ strict: false }).compile(
        JSON.parse(await readFile(join(PROJECT, 'schema/report.schema.json'), 'utf8')),
      );
      t.true(validate(report), JSON.stringify(validate.errors));
    }
  });
}

test.serial('exit status 6 for a source that is not what the lock says, and 7 for one that cannot be reached', async (t) => {
  await using r = await projectRig();
  const home = await mkdtemp(join(tmpdir(), 'twinbuild-home-'));
  try {
    await using mirror = await meddledMirror(async (path, body) => (path.endsWith('.deb') ? flipped(await body()) : undefined));
    await r.write(tinyPackage('ends', 'echo > "$OUT/text"'));
    t.is((await r.exec('lock', 'ends')).status, 0);
    const lied = await r.execWith({ environment: { ...mirror.environment, TWINBUILD_HOME: home } }, 'repro', 'ends', '--json', '-q');
    t.is(lied.status, 6, lied.stderr);
    t.is(JSON.parse(lied.stdout).verdict, 'unverified-input');
    const nowhere = { TWINBUILD_MIRROR: 'http://127.0.0.1:1/debian', TWINBUILD_HOME: home };
    const lost = await r.execWith({ environment: nowhere }, 'repro', 'ends', '--json', '-q');
    t.is(lost.status, 7, lost.stderr);
    t.is(JSON.parse(lost.stdout).verdict, 'infrastructure');
    const offline = await r.execWith({ environment: { TWINBUILD_HOME: home } }, 'repro', 'ends', '--offline', '-q');
    t.is(offline.status, 7, offline.stderr);
    t.regex(offline.stderr, /twinbuild fetch/);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test.serial('a locked file that is gone everywhere: said, and with --relock-if-gone resolved anew outside of the tree', async (t) => {
  await using r = await projectRig();
  const home = await mkdtemp(join(tmpdir(), 'twinbuild-home-'));
  try {
    await using mirror = await meddledMirror();
    const environment = { ...mirror.environment, TWINBUILD_HOME: home };
    await r.write(tinyPackage('gone', 'echo > "$OUT/text"', 'build-depends: [bc]\n'));
    t.is((await r.exec('lock', 'gone')).status, 0);
    const path = join(r.path, 'recipes/gone/recipe.lock');
    const text = await readFile(path, 'utf8');
    mirror.meddling = async (asked) => (/\/bc_[^/]*\.deb$/.test(asked) ? 404 : undefined);
    const refused = await r.execWith({ environment }, 'repro', 'gone', '-q');
    t.is(refused.status, 7, refused.stderr);
    t.regex(refused.stderr, /bc_/);
    t.regex(refused.stderr, /--relock-if-gone/);
    // bc is still in the index, so the new lock names it again: it must fail in the same way and not loop.
    const again = await r.execWith({ environment }, 'repro', 'gone', '-q', '--relock-if-gone');
    t.is(again.status, 7, again.stderr);
    // Gone once, then there: the mirror moved on.
    let tries = 0;
    mirror.meddling = async (asked) => (/\/bc_[^/]*\.deb$/.test(asked) && tries++ === 0 ? 404 : undefined);
    const anew = await r.execWith({ environment }, 'repro', 'gone', '-q', '--relock-if-gone', '--json');
    t.is(anew.status, 0, anew.stderr);
    t.regex(anew.stderr, /NOT the committed lock/);
    t.regex(JSON.parse(anew.stdout).lock.resolvedAnew, /bc_/);
    t.is(await readFile(path, 'utf8'), text);
    t.regex(await readFile(join(r.path, 'out/gone/recipe.lock'), 'utf8'), /"integrity"/);

    // The same without a recipe: the lock that is kept among the state stays what it was, and the tree gets nothing.
    const tree = Object.entries(tinyPackage('went', 'echo > "$OUT/text"', '', 'dc'));
    await r.write(Object.fromEntries(tree.map(([at, body]) => [at.replace('recipes/went/source', 'went'), body])));
    const options = { environment, cwd: join(r.path, 'went') };
    const locked = await r.execWith(options, 'lock', '.', '--json');
    t.is(locked.status, 0, locked.stderr);
    const [{ lock }] = JSON.parse(locked.stdout).locked;
    const kept = await readFile(join(r.path, 'went', lock), 'utf8');
    tries = 0;
    mirror.meddling = async (asked) => (/\/dc_[^/]*\.deb$/.test(asked) && tries++ === 0 ? 404 : undefined);
    const fetched = await r.execWith(options, 'fetch', '.', '--relock-if-gone');
    t.is(fetched.status, 0, fetched.stderr);
    t.regex(fetched.stdout + fetched.stderr, /NOT the kept lock: .*dc_/);
    t.is(await readFile(join(r.path, 'went', lock), 'utf8'), kept);
    t.regex(await readFile(join(r.path, 'out/went/recipe.lock'), 'utf8'), /"integrity"/);
    t.deepEqual(await readdir(join(r.path, 'went')), ['debian']);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test.serial('hello is reproducible, and its package installs in a fresh container and runs', async (t) => {
  await using r = await projectRig();
  const ended = await r.execWith({}, '-C', PROJECT, 'image', 'hello', '--relock-if-gone', '--json', '-q');
  t.is(ended.status, 0, ended.stderr);
  const { image } = JSON.parse(ended.stdout);
  const recipe = join(PROJECT, 'recipes/hello/recipe.yaml');
  const twice = await r.exec('repro', recipe, '--relock-if-gone', '--json', '-q');
  t.is(twice.status, 0, twice.stderr);
  const report = JSON.parse(twice.stdout);
  t.is(report.verdict, 'reproducible');
  const [deb] = report.artefacts.map(({ name }: { name: string }) => name).filter((name: string) => /^hello_.*\.deb$/.test(name));
  const run = promisify(execFile);
  const created = await run('docker', [
    'create',
    '--network',
    'none',
    image,
    'sh',
    '-c',
    `dpkg -i /${deb} && hello && dpkg --verify hello`,
  ]);
  const id = created.stdout.trim();
  try {
    await run('docker', ['cp', join(r.path, 'out/hello/first', deb), `${id}:/${deb}`]);
    const { stdout } = await run('docker', ['start', '--attach', id]);
    t.regex(stdout, /Hello, world!/);
  } finally {
    await run('docker', ['rm', '--force', id]);
  }
});
