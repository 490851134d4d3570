import { readFile, rename, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { type KeptVolume, keptProblem, keptVolume, type OnKept, patchProblem, relaid, repatched } from '../build/kept.ts';
import type { BuildPlan } from '../build/types.ts';
import type { Engine } from '../docker/engine.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { diskFailure } from './disk.ts';
import type { World } from './world.ts';

/** Where it stands what was kept, in the folder of a recipe's results. */
const KEPT_FILE = 'kept.json';

/** What a recipe has kept, wherever that is. */
async function rememberedIn(folder: string): Promise<KeptVolume | undefined> {
  const text = await readFile(join(folder, KEPT_FILE), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parsed(text);
}

/** The name of the volume that a recipe has kept. */
export async function keptName(folder: string): Promise<string | undefined> {
  return (await rememberedIn(folder))?.volume;
}

/** The kept volume of a recipe, when there is one in this engine. */
export async function readKept(folder: string, engine: Engine): Promise<Result<KeptVolume | undefined>> {
  const kept = await rememberedIn(folder);
  if (kept === undefined) return ok(undefined);
  const all = await engine.leftovers(['volume']);
  if (!all.ok) return all;
  return ok(all.value.some(({ id }) => id === kept.volume) ? kept : undefined);
}

/** The index of a step by its name. */
export function stepIndex(plan: BuildPlan, name: string, option: string): Result<number> {
  const index = plan.steps.findIndex((step) => step.name === name);
  if (index >= 0) return ok(index);
  return fail({
    kind: 'usage',
    reason: 'unknown-step',
    message: `${option}: ${plan.recipe} has no step "${name}".`,
    next: `Its steps are ${plan.steps.map((step) => step.name).join(', ')}.`,
  });
}

/** A build from the first step on, on a new volume that is kept. The one that was kept before goes away. */
export async function keepAnew(world: World, engine: Engine, plan: BuildPlan, folder: string, until: number): Promise<Result<OnKept>> {
  const before = await readKept(folder, engine);
  if (!before.ok) return before;
  if (before.value) {
    const removed = await engine.removeVolume(before.value.volume);
    if (!removed.ok) world.running.tell({ kind: 'warning', text: `${removed.error.message} \`twinbuild clean\` removes it later.` });
  }
  const volume = `twinbuild-kept-${plan.recipe}-${world.runId}`.replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  return ok({ volume, fresh: true, from: 0, until, done: (steps) => writeKept(folder, keptVolume(volume, plan, steps)) });
}

/** A build that goes on with a step on the volume that is kept; its being refused is a failure of kind usage. */
export async function goOn(engine: Engine, recipe: Recipe, plan: BuildPlan, folder: string, from: number): Promise<Result<OnKept>> {
  const kept = await readKept(folder, engine);
  if (!kept.ok) return kept;
  if (kept.value === undefined) {
    return fail({
      kind: 'usage',
      reason: 'nothing-kept',
      message: `No volume of ${plan.recipe} is kept in this engine.`,
      next: `Run \`twinbuild build ${plan.recipe} --keep\` first.`,
    });
  }
  const problem = keptProblem(kept.value, plan, from) ?? patchProblem(kept.value, plan, from);
  if (problem) return fail(problem);
  const { volume } = kept.value;
  const { buildPath } = plan.surroundings;
  const relay = relaid(kept.value, plan, (number) => posix.join(buildPath, recipe.sources[number - 1]?.directory ?? ''));
  const series = repatched(kept.value, plan, (number) => posix.join(buildPath, recipe.patches[number - 1]?.directory ?? ''));
  return ok({
    volume,
    fresh: false,
    from: plan.steps[from]?.name === 'patch' ? from + 1 : from, // the tree is patched, and what changed of that comes first
    until: plan.steps.length,
    relay,
    series,
    done: (steps) => writeKept(folder, keptVolume(volume, plan, steps)),
  });
}

/** What cannot be written is not remembered: the next build starts anew, which is never wrong. */
async function writeKept(folder: string, kept: KeptVolume): Promise<void> {
  const path = join(folder, KEPT_FILE);
  try {
    await writeFile(`${path}.tmp`, `${JSON.stringify(kept, null, 1)}\n`);
    await rename(`${path}.tmp`, path);
  } catch (error) {
    diskFailure(path, error); // throws what is a bug
  }
}

function parsed(text: string): KeptVolume | undefined {
  try {
    const kept = JSON.parse(text) as KeptVolume;
    const whole = kept.schema === 1 && typeof kept.volume === 'string' && typeof kept.done === 'number' && Array.isArray(kept.steps);
    return whole && [kept.parts, kept.folders].every((part) => typeof part === 'object' && part !== null) ? kept : undefined;
  } catch {
    return undefined;
  }
}
