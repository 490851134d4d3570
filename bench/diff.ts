import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import { writeLargeDeb } from './large-deb.ts';
import { type Bench, timed } from './project.ts';
import { median, type Row } from './table.ts';

const ROOT = resolve(import.meta.dirname, '..');
const TWINBUILD = join(ROOT, 'bin/twinbuild');
const GIGABYTE = 1_000_000_000;
const FILES = 10_000;

/** `diff` against sha256sum where nothing differs, against diffoscope where one file does, and its memory where all is large. */
export async function diffRows({ scratch, runs }: Pick<Bench, 'scratch' | 'runs'>): Promise<readonly Row[]> {
  return [await equalRow(scratch, runs), ...(await changedRows(scratch, runs)), await memoryRow(scratch)];
}

async function equalRow(scratch: string, runs: number): Promise<Row> {
  const [first, second] = [join(scratch, 'equal-1.deb'), join(scratch, 'equal-2.deb')];
  await writeLargeDeb(first, GIGABYTE, 0);
  await cp(first, second);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run += 1) {
    theirs.push((await timed($`sha256sum ${first} ${second}`)).seconds);
    ours.push((await timed($`${TWINBUILD} diff ${first} ${second}`)).seconds);
  }
  await Promise.all([rm(first), rm(second)]);
  return {
    what: 'diff of two equal .debs of 1 GB',
    ours: median(ours),
    peer: { name: 'sha256sum', value: median(theirs) },
    unit: 's',
    goal: 1.3,
  };
}

/** A package of ten thousand files as dpkg-deb packs it, one of which has another line. */
async function changedRows(scratch: string, runs: number): Promise<readonly Row[]> {
  const what = `diff of two .debs with one changed file of ${FILES}`;
  const known = await $({ nothrow: true })`diffoscope --version && dpkg-deb --version`;
  if (known.exitCode !== 0) return [{ what, ours: undefined, unit: 's', goal: 0.1, note: 'diffoscope or dpkg-deb is not installed' }];
  const tree = join(scratch, 'tree');
  await mkdir(join(tree, 'DEBIAN'), { recursive: true });
  await writeFile(
    join(tree, 'DEBIAN/control'),
    'Package: many\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: many\n',
  );
  for (let index = 0; index < FILES; index += 1) {
    const folder = join(tree, 'usr/share/many', String(index % 100));
    if (index < 100) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `file-${index}.txt`), `file ${index}\n${`line ${(index * 7919) % 10_007} of the file\n`.repeat(40)}`);
  }
  const environment = $({ env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000' } });
  const [first, second] = [join(scratch, 'many-1.deb'), join(scratch, 'many-2.deb')];
  await environment`dpkg-deb --root-owner-group --build ${tree} ${first}`;
  await writeFile(join(tree, 'usr/share/many/42/file-4242.txt'), 'built on another day\n');
  await environment`dpkg-deb --root-owner-group --build ${tree} ${second}`;
  const [ours, theirs]: [number[], number[]] = [[], []];
  let named = true;
  for (let run = 0; run < runs; run += 1) {
    theirs.push((await timed($({ nothrow: true })`diffoscope ${first} ${second}`)).seconds);
    const { stdout, seconds } = await timed($({ nothrow: true })`${TWINBUILD} diff ${first} ${second}`);
    named &&= stdout.includes('file-4242.txt') && stdout.includes('+built on another day');
    ours.push(seconds);
  }
  await Promise.all([first, second, tree].map((path) => rm(path, { recursive: true })));
  const peer = { name: 'diffoscope', value: median(theirs) };
  return [{ what, ours: median(ours), peer, unit: 's', goal: 0.1, note: named ? 'named' : 'NOT NAMED' }];
}

async function memoryRow(scratch: string): Promise<Row> {
  const [first, second] = [join(scratch, 'large-1.deb'), join(scratch, 'large-2.deb')];
  await writeLargeDeb(first, 2 * GIGABYTE, 0);
  await writeLargeDeb(second, 2 * GIGABYTE, 1);
  const { stderr, seconds } = await timed(
    $({
      nothrow: true,
      env: { ...process.env, NODE_OPTIONS: `--import=${join(ROOT, 'bench/peak-memory.ts')}` },
    })`${TWINBUILD} diff ${first} ${second}`,
  );
  await Promise.all([rm(first), rm(second)]);
  const peak = /peak memory (\d+) kB/.exec(stderr)?.[1];
  const what = 'memory while comparing two .debs of 2 GB';
  if (peak === undefined) return { what, ours: undefined, unit: 'MB', goal: 300, note: 'the process did not say' };
  return { what, ours: Number(peak) / 1000, unit: 'MB', goal: 300, note: `in ${seconds.toFixed(1)} s` };
}
