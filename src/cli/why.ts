import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { differingArtefacts, placesOf, wholeArtefacts } from '../build/places.ts';
import { runBuild } from '../build/run.ts';
import type { BuildPlan, Built, SurroundingName } from '../build/types.ts';
import { mostTrials, nextTrial } from '../build/why.ts';
import { type Why, whyOf } from '../build/why-result.ts';
import { planDigest, readWhyState, type WhyState, writeWhyState } from '../build/why-state.ts';
import type { Comparison } from '../deb/types.ts';
import { secondsText } from '../report/units.ts';
import type { Builder } from './builder.ts';
import { diskFailure } from './disk.ts';
import { openOutput } from './output.ts';
import type { World } from './world.ts';

/** What the search works on: two builds of which the second varied all the names, and how to plan one that varies some. */
export type WhyRequest = {
  readonly recipe: string; // its name
  readonly builder: Builder;
  readonly names: readonly SurroundingName[];
  readonly planOf: (varied: readonly SurroundingName[]) => Promise<Result<BuildPlan>>;
  readonly state: WhyState;
  readonly comparison: Comparison; // of the two builds
};

/** Where the state of the search is, in the folder of a recipe's results. */
export const WHY_FILE = 'why.json';

/** The two builds of an earlier run and what it tried, when they are of these very plans. */
export async function earlierBuilds(folder: string, first: BuildPlan, second: BuildPlan): Promise<WhyState | undefined> {
  return readWhyState(join(folder, WHY_FILE), folder, first, second);
}

/** The state of a search that has not begun. `began`: when each build did, in seconds since 1970-01-01T00:00:00Z. */
export function freshState(
  plans: { readonly first: BuildPlan; readonly second: BuildPlan },
  first: Built,
  second: Built,
  began: { readonly first: number; readonly second: number },
): WhyState {
  return {
    schema: 1,
    first: { plan: planDigest(plans.first), built: first, beganSeconds: began.first },
    second: { plan: planDigest(plans.second), built: second, beganSeconds: began.second },
    trials: [],
  };
}

/** Writes the state to out/NAME/why.json. */
export async function saveState(folder: string, state: WhyState): Promise<Result<void>> {
  try {
    return ok(await writeWhyState(join(folder, WHY_FILE), state));
  } catch (error) {
    return fail(diskFailure(folder, error));
  }
}

/**
 * Builds with some of the surroundings varied until it is known which of them matter. After each build the state is written, so that the next search goes on
 * from there. Says before it starts how many builds that takes, and how long.
 */
export async function searchWhy(world: World, request: WhyRequest): Promise<Result<Why>> {
  const { names, comparison } = request;
  const whole = wholeArtefacts(comparison);
  const second = {
    varied: names,
    values: placesOf(comparison, whole),
    artefacts: differingArtefacts(comparison),
    wallSeconds: request.state.second.built.wallSeconds,
  };
  const planned = await knownTrials(request);
  if (!planned.ok) return planned;
  let state: WhyState = { ...request.state, trials: planned.value };
  announce(world, names.length, state);
  const output = await openOutput(world, request.recipe);
  if (!output.ok) return output;
  const { path, work } = output.value;
  try {
    for (;;) {
      const next = nextTrial(names, [second, ...state.trials]);
      if ('reasons' in next)
        return ok(
          whyOf(
            names,
            next.reasons,
            [second, ...state.trials].map(({ varied, artefacts, wallSeconds }) => ({ varied, artefacts, wallSeconds })),
          ),
        );
      world.running.tell({
        kind: 'note',
        text: `build ${state.trials.length + 1} varies ${next.vary.length === 0 ? 'nothing' : next.vary.join(', ')}`,
      });
      const trial = await oneTrial(world, request, next.vary, join(work, 'trial'), whole);
      if (!trial.ok) return trial;
      state = { ...state, trials: [...state.trials, trial.value] };
      const saved = await saveState(path, state);
      if (!saved.ok) return saved;
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The trials of an earlier search whose plans are those of today. */
async function knownTrials({ state, planOf }: WhyRequest): Promise<Result<WhyState['trials']>> {
  const trials: WhyState['trials'][number][] = [];
  for (const trial of state.trials) {
    const plan = await planOf(trial.varied);
    if (!plan.ok) return plan;
    if (planDigest(plan.value) === trial.plan) trials.push(trial);
  }
  return ok(trials);
}

function announce(world: World, count: number, { first, second, trials }: WhyState): void {
  const each = [first.built, second.built, ...trials].map(({ wallSeconds }) => wallSeconds);
  const most = Math.max(1, mostTrials(count) - trials.length);
  const seconds = (most * each.reduce((sum, one) => sum + one, 0)) / each.length;
  const before =
    trials.length === 0
      ? ''
      : `; ${trials.length} ${trials.length === 1 ? 'build' : 'builds'} of an earlier search ${trials.length === 1 ? 'is' : 'are'} used`;
  world.running.tell({
    kind: 'note',
    text: `looking for what matters among ${count} surroundings: when one of them does, at most ${most} more ${most === 1 ? 'build' : 'builds'}, about ${secondsText(seconds)}${before}`,
  });
}

async function oneTrial(
  world: World,
  { builder, planOf, state }: WhyRequest,
  varied: readonly SurroundingName[],
  folder: string,
  whole: ReadonlySet<string>,
): Promise<Result<WhyState['trials'][number]>> {
  const plan = await planOf(varied);
  if (!plan.ok) return plan;
  const { engine, store, folderOf } = builder;
  const built = await runBuild({ engine, store, running: world.running, build: 'why', plan: plan.value, folder, folderOf });
  if (!built.ok) return built;
  const { compareOutputs } = await import('../deb/compare.ts');
  const compared = await compareOutputs(state.first.built.outputs, built.value.outputs, { signal: world.running.signal });
  if (!compared.ok) return compared;
  await rm(folder, { recursive: true, force: true });
  const values = placesOf(compared.value, whole);
  return ok({
    plan: planDigest(plan.value),
    varied,
    values,
    artefacts: differingArtefacts(compared.value),
    wallSeconds: built.value.wallSeconds,
  });
}
