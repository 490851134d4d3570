import { join } from 'node:path';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { keptProblem } from '../build/kept.ts';
import { runBuild } from '../build/run.ts';
import { runShell } from '../build/shell.ts';
import type { BuildPlan } from '../build/types.ts';
import type { Exit } from '../docker/engine.ts';
import type { Builder, BuilderOptions } from './builder.ts';
import { keepAnew, readKept, stepIndex } from './kept.ts';
import { oneBuild } from './one-build.ts';
import { failed } from './outcome.ts';
import { openOutput, publish } from './output.ts';
import type { Outcome } from './run.ts';
import type { TargetVerbOptions } from './targets.ts';
import { WHY_FILE } from './why.ts';
import type { World } from './world.ts';

type ShellOptions = BuilderOptions & TargetVerbOptions & { readonly at?: string };

/** What the shell works on. */
type Place = { readonly volume: string; readonly index: number };

/**
 * `twinbuild shell TARGET`: a shell in the place of a step, on the kept volume; without one, what comes before the step is built first and kept. Without `--at` it
 * is the first step that has not been done, else the last one. The exit status is that of the shell.
 */
export async function shell(caller: World, words: readonly string[], options: ShellOptions): Promise<Outcome> {
  const one = await oneBuild(caller, words, options);
  if (!one.ok) return failed(one.error);
  const { world, recipe, builder, plan } = one.value;
  const place = await findPlace(world, builder, plan, options.at);
  if (!place.ok) return failed(place.error);
  const exit = await talk(world, builder, plan, place.value);
  if (!exit.ok) return failed(exit.error);
  if (world.running.signal.aborted) return failed(world.running.signal.reason as Failure);
  return { status: exit.value.status, json: { recipe: recipe.name, keptVolume: place.value.volume, status: exit.value.status } };
}

/** The kept volume when it has what the step stands on, else a new one with it. */
async function findPlace(world: World, builder: Builder, plan: BuildPlan, at: string | undefined): Promise<Result<Place>> {
  const out = join(world.root, 'out', plan.recipe);
  const kept = await readKept(out, builder.engine);
  if (!kept.ok) return kept;
  const last = plan.steps.length - 1;
  const index = at === undefined ? ok(Math.min(kept.value?.done ?? last, last)) : stepIndex(plan, at, '--at');
  if (!index.ok) return index;
  if (kept.value) {
    const problem = keptProblem(kept.value, plan, index.value);
    return problem ? fail(problem) : ok({ volume: kept.value.volume, index: index.value });
  }
  return buildUpTo(world, builder, plan, index.value);
}

async function buildUpTo(world: World, { engine, store, folderOf }: Builder, plan: BuildPlan, index: number): Promise<Result<Place>> {
  const folder = await openOutput(world, plan.recipe);
  if (!folder.ok) return folder;
  const { path, work } = folder.value;
  const kept = await keepAnew(world, engine, plan, path, index);
  if (!kept.ok) return kept;
  const built = await runBuild({
    engine,
    store,
    running: world.running,
    build: 'first',
    plan,
    folder: join(work, 'first'),
    folderOf,
    kept: kept.value,
  });
  const done = await publish(folder.value, ['first', 'second', 'report.json', 'SHA256SUMS', WHY_FILE]);
  if (!built.ok) return built;
  return done.ok ? ok({ volume: kept.value.volume, index }) : done;
}

/** Connects the streams of this process with the shell. On a terminal every key goes to the shell, Ctrl-C too. */
async function talk(world: World, { engine }: Builder, plan: BuildPlan, { volume, index }: Place): Promise<Result<Exit>> {
  const step = plan.steps[index];
  if (step === undefined) throw new Error('a plan has at least one step');
  const { stdin, stdout, stderr } = process;
  const terminal = Boolean(stdin.isTTY && stdout.isTTY);
  world.running.tell({
    kind: 'note',
    text: `a shell in the place of the step ${step.name}; what it changes below ${plan.outputRoot} stays on the kept volume`,
  });
  world.warn(''); // takes the live lines away
  if (terminal) stdin.setRawMode(true);
  try {
    return await runShell({
      engine,
      running: world.running,
      plan,
      step,
      volume,
      terminal: terminal ? termOf(world) : undefined,
      input: stdin,
      output: (stream, piece) => {
        (stream === 'stdout' && !world.json ? stdout : stderr).write(piece);
      },
      size: () => (terminal ? { columns: stdout.columns, rows: stdout.rows } : undefined),
      onResize: (listener) => {
        stdout.on('resize', listener);
        return () => stdout.off('resize', listener);
      },
    });
  } finally {
    if (terminal) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  }
}

/** The kind of terminal, as a name and nothing else. */
function termOf({ environment }: World): string {
  const term = environment['TERM'] ?? '';
  return /^[A-Za-z0-9.+-]{1,40}$/.test(term) ? term : 'dumb';
}
