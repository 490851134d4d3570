import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { $, type ProcessPromise } from 'zx';
import { parseLock } from '../src/lock/lock.ts';
import { contentPath } from '../src/store/address.ts';

// Verdict and wall time of `repro` against those of debrepro (devscripts) and reprotest, on this machine and in this run. Both build on the host: it needs
// devscripts, reprotest, faketime, disorderfs, and what the packages are built with (debhelper is enough for these).
//   node bench/peers.ts              ten packages
//   node bench/peers.ts hello ed     these

const PACKAGES = ['ed', 'tree', 'pv', 'figlet', 'cowsay', 'hostname', 'nomarch', 'patch', 'discount', 'libtry-tiny-perl'];
const GOAL = 0.7; // ours divided by debrepro's

// What needs FUSE, a clock or other users is left out where it is not to be had; the others vary about what we do.
const DEBREPRO = ['--skip', 'filesystem-ordering', '--skip', 'time', '--skip', 'user'];
const REPROTEST = '--vary=-time,-user_group,-fileordering,-domain_host,-build_path';

type Ended = { readonly verdict: string; readonly seconds: number };

$.quiet = true;
$.nothrow = true;

const names = process.argv.slice(2);
const scratch = await mkdtemp(join(tmpdir(), 'twinbuild-peers-'));
process.stdout.write(['source', 'repro', 's', 'debrepro', 's', 'ratio', 'reprotest', 's', 'agree'].join('\t').concat('\n'));
try {
  for (const name of names.length > 0 ? names : PACKAGES) process.stdout.write(`${await compare(name)}\n`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function compare(name: string): Promise<string> {
  const twinbuild = (...args: string[]) =>
    $({ cwd: scratch, env: { ...process.env, CI: 'true' } })`${resolve(import.meta.dirname, '../bin/twinbuild')} ${args}`;
  const warm = await twinbuild('image', '--source', name, '-q'); // its lock, the files and the image are there before anything is measured
  if (warm.exitCode !== 0) return `${name}\tcould not be prepared: ${warm.stderr.trim().split('\n')[0]}`;
  const ours = await measured(() => twinbuild('repro', '--source', name, '-q', '--json'));
  const files = join(scratch, `${name}-source`);
  await layOut(name, files);
  const one = await unpacked(files, join(scratch, `${name}-debrepro`));
  const debrepro = await measured(() => $({ cwd: one })`debrepro ${DEBREPRO}`);
  const other = await unpacked(files, join(scratch, `${name}-reprotest`));
  const reprotest = await measured(
    () => $({ cwd: other })`reprotest ${REPROTEST} -c ${'dpkg-buildpackage -us -uc -b'} . ${'../*.deb'} -- null`,
  );
  const ratio = ours.seconds / debrepro.seconds;
  const agree = ours.verdict === debrepro.verdict && ours.verdict === reprotest.verdict;
  return [
    name,
    ours.verdict,
    ours.seconds.toFixed(1),
    debrepro.verdict,
    debrepro.seconds.toFixed(1),
    `${ratio.toFixed(2)}${ratio <= GOAL ? '' : ' (more than wanted)'}`,
    reprotest.verdict,
    reprotest.seconds.toFixed(1),
    agree ? 'yes' : 'NO',
  ].join('\t');
}

/** Runs a command and times it. All three say 0 for reproducible and 1 for not. */
async function measured(command: () => ProcessPromise): Promise<Ended> {
  const began = performance.now();
  const { exitCode } = await command();
  const seconds = (performance.now() - began) / 1000;
  return { verdict: exitCode === 0 ? 'reproducible' : exitCode === 1 ? 'different' : `status ${exitCode}`, seconds };
}

/** The files of a source, as its lock names them, by their names. */
async function layOut(name: string, folder: string): Promise<void> {
  await mkdir(folder);
  const home =
    process.env['TWINBUILD_HOME'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '', '.cache'), 'twinbuild');
  const derived = (await readdir(join(home, 'derived'))).filter((one) => one.startsWith(`${name}-`) && one.length === name.length + 33);
  for (const one of derived) {
    const path = join(home, 'derived', one, 'recipe.lock');
    const lock = parseLock({ name: path, text: await readFile(path, 'utf8').catch(() => '') });
    if (!lock.ok) continue;
    for (const { path: from, sha256 } of lock.value.sources.flatMap((source) => ('files' in source ? source.files : []))) {
      await cp(contentPath(join(home, 'store'), sha256), join(folder, basename(from)));
    }
  }
}

async function unpacked(files: string, folder: string): Promise<string> {
  await mkdir(folder);
  await cp(files, folder, { recursive: true });
  const dsc = (await readdir(folder)).find((one) => one.endsWith('.dsc')) ?? '';
  const tree = join(folder, 'tree');
  const done = await $({ cwd: folder })`dpkg-source --no-check -x ${dsc} ${tree}`;
  if (done.exitCode !== 0) await writeFile(join(folder, 'log'), done.stderr);
  return tree;
}
