import { join } from 'node:path';
import { ok, type Result } from '../base/result.ts';
import { planBuild } from '../build/plan.ts';
import { judgedBy, type Profile, predict, profileOf } from '../build/profiles.ts';
import { reproduce } from '../build/reproduce.ts';
import type { TwoSurroundings } from '../build/surroundings.ts';
import type { Built, NotVaried, SurroundingName } from '../build/types.ts';
import type { WhyState } from '../build/why-state.ts';
import type { makeReport, RunFacts } from '../report/report.ts';
import { makeBuilder } from './builder.ts';
import { type OutputFolder, published } from './output.ts';
import type { RecipeSubject } from './subject.ts';
import { type ReproOptions, twoSurroundings } from './surroundings.ts';
import { earlierBuilds, freshState, type WhyRequest } from './why.ts';
import type { World } from './world.ts';

/** Two builds, compared, and what a search for the reason of a difference starts from. */
export type Compared = Extract<Parameters<typeof makeReport>[1], { comparison: unknown }> & {
  readonly search: WhyRequest;
  readonly reused: boolean; // the builds are those of an earlier run
};

/** From the recipe to the comparison of both builds; what is learnt on the way goes into the report even when a later part fails. */
export async function buildTwice(
  world: World,
  subject: RecipeSubject,
  folder: OutputFolder,
  options: ReproOptions,
  learn: (more: Partial<RunFacts>) => void,
): Promise<Result<Compared>> {
  const builder = await makeBuilder(world, subject, options);
  if (!builder.ok) return builder;
  const { lock, lockDigest, resolvedAnew, image, engine, store } = builder.value;
  learn({ lock, lockDigest, epoch: lock.epoch, image: image.id, ...(resolvedAnew ? { resolvedAnew } : {}) });
  const around = await twoSurroundings(subject.recipe, builder.value, options);
  if (!around.ok) return around;
  learn({ varied: around.value.varied, notVaried: around.value.notVaried });

  const plan = (surroundings: typeof around.value.first) =>
    planBuild({ recipe: subject.recipe, lock, lockDigest, image, folders: builder.value.folders, surroundings });
  const plans = { first: plan(around.value.first), second: plan(around.value.second) };
  const earlier = options.why ? await earlierBuilds(folder.path, plans.first, plans.second) : undefined;
  if (earlier) {
    world.running.tell({ kind: 'note', text: `both builds of ${subject.recipe.name} are there from an earlier run of the same plans` });
    learn({ first: earlier.first.built, second: earlier.second.built });
  }
  const began = { first: 0, second: 0 };
  const clearing: PromiseLike<void>[] = [];
  await using _cleared = { [Symbol.asyncDispose]: async () => void (await Promise.all(clearing)) };
  const building = earlier
    ? ok({ first: earlier.first.built, second: earlier.second.built })
    : reproduce({
        engine,
        store,
        running: world.running,
        first: { plan: plans.first, folder: join(folder.work, 'first') },
        second: { plan: plans.second, folder: join(folder.work, 'second') },
        folderOf: builder.value.folderOf,
        clearing: (gone) => clearing.push(gone), // while the outputs are compared
        parallel: options.parallel ? true : options.sequential ? false : undefined,
        learn: (which: 'first' | 'second', one: Built) => {
          began[which] = world.nowMs() / 1000 - one.wallSeconds;
          learn({ [which]: published(one, folder, which) });
        },
      });
  // Read while the engine works: nothing waits for them then.
  const [{ compareOutputs }, { causesOf }] = await Promise.all([import('../deb/compare.ts'), import('../cause/causes.ts')]);
  const built = await building;
  if (!built.ok) return built;
  const compared = await compareOutputs(built.value.first.outputs, built.value.second.outputs);
  if (!compared.ok) return compared;
  const { first, second, varied } = around.value;
  const profile = options.as === undefined ? ok(undefined) : profileOf(options.as);
  if (!profile.ok) return profile;
  const comparison = profile.value ? judgedBy(profile.value, compared.value) : compared.value;
  if (profile.value) learn({ prediction: predict(profile.value, comparison, untriedOf(profile.value, around.value)) });
  const state: WhyState =
    earlier ?? freshState(plans, published(built.value.first, folder, 'first'), published(built.value.second, folder, 'second'), began);
  const builtAtSeconds = [state.first.beganSeconds, state.second.beganSeconds] as const;
  const names = varied.map(({ name }) => name);
  const planOf = async (some: readonly SurroundingName[]) => {
    const skip = [...(options.skip ?? []), ...names.filter((name) => !some.includes(name))];
    const these = await twoSurroundings(subject.recipe, builder.value, { ...options, skip });
    return these.ok ? ok(plan(these.value.second)) : these;
  };
  return ok({
    comparison,
    explain: (artefact) => causesOf(artefact, { first, second, varied, epoch: lock.epoch, builtAtSeconds }),
    search: { recipe: subject.recipe.name, builder: builder.value, names, planOf, state, comparison },
    reused: earlier !== undefined,
  });
}

/** What a profile varies and this run did not. */
function untriedOf({ varies }: Profile, { notVaried }: TwoSurroundings): readonly NotVaried[] {
  return notVaried.filter(({ name }) => varies.includes(name));
}
