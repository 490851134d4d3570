import { type BuilderOptions, makeBuilder } from './builder.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { subjectOf, type TargetVerbOptions, theTargets, tooMany } from './targets.ts';
import type { World } from './world.ts';

/** `twinbuild image CONTAINER|TARGET`: makes the builder image and prints its id. */
export async function image(world: World, words: readonly string[], options: BuilderOptions & TargetVerbOptions): Promise<Outcome> {
  const targets = await theTargets(world, words, options);
  if (!targets.ok) return failed(targets.error);
  const [target, second] = targets.value;
  const subject = target && !second ? await subjectOf(world, target) : tooMany();
  if (!subject.ok) return failed(subject.error);
  const builder = await makeBuilder(world, subject.value, options);
  if (!builder.ok) return failed(builder.error);
  const { id } = builder.value.image;
  world.say(`${id}\n`);
  return { status: 0, json: { image: id } };
}
