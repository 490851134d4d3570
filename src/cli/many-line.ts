import { resolve } from 'node:path';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { checkSurrounding } from '../build/surroundings.ts';
import type { ItemOptions, ListLine } from '../queue/types.ts';
import { findContainer, isPath } from '../recipe/find.ts';
import { problems } from '../recipe/problems.ts';
import type { Target } from './target.ts';

/** What a recipe says itself. */
const OF_A_RECIPE = new Set(['container', 'profiles', 'build-options', 'build']);

/**
 * The options of a line, with its container as an absolute path when it is one. What they name has to be there, so that a long run does not end with it.
 *
 * @param from absolute: the folder of the list, which its paths are relative to
 * @returns usage failures list-option, each with its place
 */
export async function optionsOf(
  { options, said }: ListLine,
  target: Target,
  { root, from }: { readonly root: string; readonly from: string },
): Promise<Result<ItemOptions>> {
  const wrong: Failure[] = [];
  for (const { name, value, at } of said) {
    const problem = await problemOf({ name, value }, target, { root, from });
    if (problem !== undefined) wrong.push({ ...problem, kind: 'usage', reason: 'list-option', at });
  }
  if (wrong.length > 0) return fail(problems(wrong));
  const { container } = options;
  return ok(container !== undefined && isPath(container) ? { ...options, container: resolve(from, container) } : options);
}

async function problemOf(
  { name, value }: { readonly name: string; readonly value: string },
  target: Target,
  where: { readonly root: string; readonly from: string },
): Promise<Pick<Failure, 'message' | 'next'> | undefined> {
  if (target.kind === 'recipe' && OF_A_RECIPE.has(name))
    return { message: `${name}= is not for a recipe, which says how it is built`, next: 'Leave it out, or change the recipe.' };
  if (name === 'container') return problemIn(await findContainer(value, where));
  if (name !== 'vary' && name !== 'skip') return undefined;
  const words = value.split(',').filter((word) => word !== '');
  const problem = words.flatMap((word) => problemIn(checkSurrounding(name, word)) ?? [])[0];
  return problem && { ...problem, message: problem.message.replace(/^--[a-z]+: /, `${name}=: `) };
}

function problemIn(result: Result<unknown>): Pick<Failure, 'message' | 'next'> | undefined {
  if (result.ok) return undefined;
  const { message, next } = result.error;
  return next === undefined ? { message } : { message, next };
}
