import { ok, type Result } from '../base/result.ts';
import { planBuild } from '../build/plan.ts';
import type { BuildPlan } from '../build/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type Builder, type BuilderOptions, makeBuilder } from './builder.ts';
import { resultsWorld } from './subject.ts';
import { twoSurroundings } from './surroundings.ts';
import { type TargetVerbOptions, theTarget } from './targets.ts';
import type { World } from './world.ts';

/** What a verb needs that builds once: the world in which the results of the recipe lie, its builder, and the plan in the first surroundings. */
type OneBuild = { readonly world: World; readonly recipe: Recipe; readonly builder: Builder; readonly plan: BuildPlan };

/** From the words of the command line to the plan of one build, with its image made. */
export async function oneBuild(
  caller: World,
  words: readonly string[],
  options: BuilderOptions & TargetVerbOptions,
): Promise<Result<OneBuild>> {
  const subject = await theTarget(caller, words, options);
  if (!subject.ok) return subject;
  const world = resultsWorld(caller, subject.value);
  const { recipe } = subject.value;
  const builder = await makeBuilder(world, subject.value, options);
  if (!builder.ok) return builder;
  const around = await twoSurroundings(recipe, builder.value, {});
  if (!around.ok) return around;
  const { lock, lockDigest, image, folders } = builder.value;
  return ok({
    world,
    recipe,
    builder: builder.value,
    plan: planBuild({ recipe, lock, lockDigest, image, folders, surroundings: around.value.first }),
  });
}
