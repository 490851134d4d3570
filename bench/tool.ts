import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $ } from 'zx';
import { writeLargeDeb } from './large-deb.ts';
import { type Bench, timed } from './project.ts';
import { median, type Row } from './table.ts';

const ROOT = resolve(import.meta.dirname, '..');
const GIGABYTE = 1_000_000_000;

/** What the tool itself takes: its start, its set-up when there is nothing to do, its memory with a large package. */
export async function toolRows(bench: Bench): Promise<readonly Row[]> {
  const help: number[] = [];
  const setup: number[] = [];
  for (let run = 0; run < bench.runs + 2; run += 1) {
    help.push((await bench.twinbuild('warm', '--help')).seconds);
    setup.push((await timed($({ cwd: ROOT })`scripts/setup.sh`)).seconds);
  }
  const [first, second] = [join(bench.scratch, 'first.deb'), join(bench.scratch, 'second.deb')];
  await writeLargeDeb(first, GIGABYTE, 0);
  await writeLargeDeb(second, GIGABYTE, 1);
  const { stderr, seconds } = await timed(
    $({
      nothrow: true,
      env: { ...process.env, NODE_OPTIONS: `--import=${join(ROOT, 'bench/peak-memory.ts')}` },
    })`${join(ROOT, 'bin/twinbuild')} diff ${first} ${second}`,
  );
  const peak = /peak memory (\d+) kB/.exec(stderr)?.[1];
  await Promise.all([rm(first), rm(second)]);
  return [
    { what: 'twinbuild --help', ours: median(help), unit: 's', goal: 0.2 },
    { what: 'set-up with nothing to do', ours: median(setup), unit: 's', goal: 2 },
    peak === undefined
      ? { what: 'memory while comparing two .debs of 1 GB', ours: undefined, unit: 'MB', goal: 300, note: 'the process did not say' }
      : {
          what: 'memory while comparing two .debs of 1 GB',
          ours: Number(peak) / 1000,
          unit: 'MB',
          goal: 300,
          note: `in ${seconds.toFixed(1)} s`,
        },
  ];
}
