import { type BuilderOptions, makeBuilder } from './builder.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { anySubject } from './subject.ts';
import type { World } from './world.ts';

/** `twinbuild image CONTAINER|RECIPE`: makes the builder image and prints its id. */
export async function image(world: World, [name = '']: readonly string[], options: BuilderOptions): Promise<Outcome> {
  const subject = await anySubject(world, name);
  if (!subject.ok) return failed(subject.error);
  const builder = await makeBuilder(world, subject.value, options);
  if (!builder.ok) return failed(builder.error);
  const { id } = builder.value.image;
  world.say(`${id}\n`);
  return { status: 0, json: { image: id } };
}
