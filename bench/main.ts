import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRows } from './build.ts';
import { diffRows } from './diff.ts';
import { imageRows } from './image.ts';
import { type Bench, openBench } from './project.ts';
import { showTable } from './table.ts';
import { toolRows } from './tool.ts';

// Prints ratios against peers that were installed from Debian and measured in this run, alternating with us, as medians. Nothing is asserted: the
// machine and its load are not ours. `node bench/main.ts tool image build` measures those groups only; RUNS=5 takes more of each. The group diff needs no
// engine and no archive.

const GROUPS: Readonly<Record<string, (bench: Bench) => Promise<Parameters<typeof showTable>[0]>>> = {
  tool: toolRows,
  image: imageRows,
  build: buildRows,
};

const runs = Number(process.env['RUNS'] ?? '3');
const asked = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), 'twinbuild-bench-'));
const engineless = asked.length > 0 && asked.every((name) => name === 'diff');
const bench = engineless ? undefined : await openBench(folder, runs);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await bench?.removeImages();
    await rm(folder, { recursive: true, force: true });
    process.exit(130);
  });
}
try {
  if (asked.length === 0 || asked.includes('diff')) showTable(await diffRows({ scratch: folder, runs }));
  for (const [name, rowsOf] of Object.entries(GROUPS)) {
    if (bench === undefined) break;
    if (asked.length === 0 || asked.includes(name)) showTable(await rowsOf(bench));
  }
} finally {
  await bench?.removeImages();
  await rm(folder, { recursive: true, force: true });
}
