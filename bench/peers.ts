import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { $, type ProcessPromise } from 'zx';
import { parseLock } from '../src/lock/lock.ts';
import { contentPath } from '../src/store/address.ts';
import { median } from './table.ts';

// Verdict and wall time of `repro` against those of debrepro (devscripts) and reprotest, on this machine and in this run. Both build on the host, which needs
// devscripts, reprotest, faketime, disorderfs, and what the packages are built with: a package whose build dependencies the host lacks is said, and left out.
// For the ten below: apt-get install cmake debhelper g++ help2man pkgconf python3 texinfo
// The second builds of both are in French: without that locale (locales-all) test suites of Perl fail there.
//   node bench/peers.ts                           ten packages
//   node bench/peers.ts hello ed                  these
//   node bench/peers.ts --runs 1 --out FILE       once each, whatever they take; the table is written there as well, line by line
//   node bench/peers.ts --same-checks             the second build runs the tests of a package too, as those of both peers do

// From a package of one C file to a library with cmake and a program with a long configure script and a test suite.
const PACKAGES = ['nomarch', 'cowsay', 'hostname', 'figlet', 'tree', 'ed', 'pv', 'traceroute', 'tinyxml2', 'hello'];
const GOAL = 0.7; // ours divided by debrepro's
const SHORT_SECONDS = 30; // what takes less is run again: the median of so many runs counts
const TIME_LIMIT = '10m'; // of one run of one of the three

// What needs FUSE, a clock or other users is left out where it is not to be had; the others vary about what we do.
const DEBREPRO = ['--skip', 'filesystem-ordering', '--skip', 'time', '--skip', 'user'];
const REPROTEST = '--vary=-time,-user_group,-fileordering,-domain_host,-build_path';

const COLUMNS = ['source', 'repro', 'debrepro', 'ratio', 'reprotest', 'same verdict', 'load'];

type Ended = { readonly verdict: string; readonly seconds: number };

$.quiet = true;
$.nothrow = true;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    out: { type: 'string', default: resolve(import.meta.dirname, '../out/bench-peers.md') },
    'same-checks': { type: 'boolean', default: false },
  },
});
const MOST_RUNS = Number(options.runs);
const SKIPPED = options['same-checks'] ? ['--skip', 'checks'] : [];
const scratch = await mkdtemp(join(tmpdir(), 'twinbuild-peers-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await rm(scratch, { recursive: true, force: true });
    process.exit(130);
  });
}
try {
  await mkdir(dirname(options.out), { recursive: true });
  await writeFile(options.out, '');
  await show(COLUMNS);
  await show(COLUMNS.map(() => '---'));
  const ratios: number[] = [];
  for (const name of names.length > 0 ? names : PACKAGES) {
    const { cells, ratio } = await compare(name);
    if (ratio !== undefined) ratios.push(ratio);
    await show(cells);
  }
  const met = ratios.filter((ratio) => ratio <= GOAL).length;
  if (ratios.length > 0)
    process.stdout.write(
      `\n${met} of ${ratios.length} within ${GOAL}; median ${median(ratios).toFixed(2)}; the table is in ${options.out}\n`,
    );
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** A row, as soon as it is known. */
async function show(cells: readonly string[]): Promise<void> {
  const line = `| ${cells.join(' | ')} |\n`;
  process.stdout.write(line);
  await appendFile(options.out, line);
}

async function compare(name: string): Promise<{ readonly cells: readonly string[]; readonly ratio?: number }> {
  const twinbuild = (...args: string[]) =>
    $({ cwd: scratch, env: { ...process.env, CI: 'true' } })`${resolve(import.meta.dirname, '../bin/twinbuild')} ${args}`;
  const without = (why: string) => ({ cells: [name, why, '', '', '', '', ''] });
  const warm = await twinbuild('image', '--source', name, '-q'); // its lock, the files and the image are there before anything is measured
  if (warm.exitCode !== 0) return without(`could not be prepared: ${warm.stderr.trim().split('\n')[0]}`);
  const files = join(scratch, `${name}-source`);
  await layOut(name, files);
  const tree = await unpacked(files, join(scratch, `${name}-tree`));
  const needs = await $({ cwd: tree })`dpkg-checkbuilddeps`;
  if (needs.exitCode !== 0) return without(`cannot be built on this host: ${needs.stderr.trim().split('\n').at(-1)}`);
  const load = loadavg()[0]?.toFixed(1) ?? '';
  const ours = await measured(() => twinbuild('repro', '--source', name, '-q', '--json', ...SKIPPED));
  // Both copy the tree before they build, so that the next run finds it as it was.
  const debrepro = await measured(() => $({ cwd: tree })`debrepro ${DEBREPRO}`);
  const reprotest = await measured(
    () => $({ cwd: tree })`reprotest ${REPROTEST} -c ${'dpkg-buildpackage -us -uc -b'} . ${'../*.deb'} -- null`,
  );
  const ratio = ours.seconds / debrepro.seconds;
  const agree = ours.verdict === debrepro.verdict && ours.verdict === reprotest.verdict;
  const cells = [name, shown(ours), shown(debrepro), ratio.toFixed(2), shown(reprotest), agree ? 'yes' : 'NO', load];
  return { cells, ratio };
}

function shown({ verdict, seconds }: Ended): string {
  return `${verdict}, ${seconds.toFixed(1)} s`;
}

/** Runs a command, a short one several times, and times it. All three say 0 for reproducible and 1 for not. */
async function measured(command: () => ProcessPromise): Promise<Ended> {
  const seconds: number[] = [];
  let verdict = '';
  do {
    const began = performance.now();
    const { exitCode } = await command().timeout(TIME_LIMIT);
    seconds.push((performance.now() - began) / 1000);
    const now = exitCode === 0 ? 'reproducible' : exitCode === 1 ? 'different' : `status ${exitCode}`;
    if (verdict !== '' && now !== verdict) return { verdict: `${verdict}, then ${now}`, seconds: median(seconds) };
    verdict = now;
  } while (seconds.length < MOST_RUNS && Math.max(...seconds) < SHORT_SECONDS);
  return { verdict, seconds: median(seconds) };
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
