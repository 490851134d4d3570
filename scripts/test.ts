import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// Runs every check and test in order, each to its end even when one before it failed, and closes with the line
// `N passed, N failed`. `node scripts/test.ts unit checks` runs those stages only; no name means all.

type Counts = { passed: number; failed: number; skipped: number };
type Stage = {
  readonly group: 'unit' | 'checks' | 'engine' | 'kernel';
  readonly name: string;
  readonly command: readonly string[];
  readonly tests: boolean;
};
type Ended = { readonly name: string; readonly counts: Counts; readonly ok: boolean; readonly seconds: number };

const STAGES: readonly Stage[] = [
  { group: 'unit', name: 'unit tests', command: ['ava', '--tap'], tests: true },
  { group: 'checks', name: 'tsc', command: ['tsc'], tests: false },
  { group: 'checks', name: 'biome', command: ['biome', 'ci', ...(process.stdout.isTTY ? [] : ['--colors=off']), '.'], tests: false },
  { group: 'checks', name: 'knip', command: ['knip'], tests: false },
  { group: 'engine', name: 'engine tests', command: ['ava', '--config', 'ava.engine.config.js', '--tap'], tests: true },
  // The flagship, built twice for real; the tests behind it try the packages that came out.
  { group: 'kernel', name: 'kernel twice', command: ['bin/twinbuild', 'repro', '--relock-if-gone', 'proxmox-kernel-ci'], tests: false },
  { group: 'kernel', name: 'kernel tests', command: ['ava', '--config', 'ava.kernel.config.js', '--tap'], tests: true },
];

/** Counts and shows one line of ava's TAP output; `seconds` is the time since the stage began. */
function readTap(line: string, counts: Counts, seconds: number): void {
  const [, not, title = ''] = /^(not )?ok \d+ - (.*)$/.exec(line) ?? [];
  const time = `${seconds.toFixed(0).padStart(5)} s`;
  if (/^ok \d+ - .* # SKIP/.test(line)) {
    counts.skipped += 1;
    process.stdout.write(`  - ${time}  ${title}\n`);
  } else if (line.startsWith('ok ')) {
    counts.passed += 1;
    process.stdout.write(`  ✔ ${time}  ${title}\n`);
  } else if (not !== undefined) {
    counts.failed += 1;
    process.stdout.write(`  ✘ ${time}  ${title}\n`);
  } else if (!/^(TAP version|1\.\.\d+|# (tests|pass|fail|skip)\b|$)/.test(line)) {
    process.stdout.write(`    ${line}\n`);
  }
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
}

async function runStage(stage: Stage): Promise<Ended> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  process.stdout.write(`\n${stage.name}\n`);
  const [program = '', ...options] = stage.command;
  const child = spawn(program, options, { stdio: ['ignore', stage.tests ? 'pipe' : 'inherit', 'inherit'] });
  const exit = exitOf(child);
  if (child.stdout) for await (const line of createInterface(child.stdout)) readTap(line, counts, seconds());
  const status = await exit;
  // A runner that failed without naming a test (it crashed, or found none) is a failure of its own.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  return { name: stage.name, counts, ok: status === 0 && counts.failed === 0, seconds: seconds() };
}

const wanted = process.argv.slice(2);
const ended: Ended[] = [];
for (const stage of STAGES) {
  if (wanted.length === 0 || wanted.includes(stage.group)) ended.push(await runStage(stage));
}

process.stdout.write('\n');
for (const { name, counts, ok, seconds } of ended) {
  const tests =
    counts.passed + counts.skipped > 0
      ? `  ${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`
      : '';
  process.stdout.write(`${ok ? '✔' : '✘'} ${name.padEnd(13)} ${seconds.toFixed(1).padStart(7)} s${tests}\n`);
}
const sum = (of: keyof Counts): number => ended.reduce((total, { counts }) => total + counts[of], 0);
process.stdout.write(`${sum('passed')} passed, ${sum('failed')} failed${sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : ''}\n`);
process.exitCode = ended.length > 0 && ended.every(({ ok }) => ok) ? 0 : 1;
