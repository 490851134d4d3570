import { planBuild } from '../build/plan.ts';
import { makeBuilder } from './builder.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { type ReproOptions, twoSurroundings, usualOptions } from './surroundings.ts';
import { type TargetVerbOptions, theTarget } from './targets.ts';
import type { World } from './world.ts';

/** `twinbuild plan TARGET`: the plans of both builds as one JSON document on standard output. Nothing is built but the image. */
export async function plan(world: World, words: readonly string[], options: ReproOptions & TargetVerbOptions): Promise<Outcome> {
  const subject = await theTarget(world, words, options);
  if (!subject.ok) return failed(subject.error);
  const { recipe } = subject.value;
  const builder = await makeBuilder(world, subject.value, options);
  if (!builder.ok) return failed(builder.error);
  const around = await twoSurroundings(recipe, builder.value, usualOptions(subject.value, options));
  if (!around.ok) return failed(around.error);
  const { lock, lockDigest, image, folders } = builder.value;
  const [first, second] = [around.value.first, around.value.second].map((surroundings) =>
    planBuild({ recipe, lock, lockDigest, image, surroundings, folders }),
  );
  const json = { first, second, varied: around.value.varied, notVaried: around.value.notVaried };
  if (!world.json) world.say(`${JSON.stringify(json, null, 2)}\n`);
  return { status: 0, json };
}
