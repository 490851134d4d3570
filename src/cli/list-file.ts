import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { SourceText } from '../base/location.ts';
import { ok, type Result } from '../base/result.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { diskFailure } from './disk.ts';
import type { World } from './world.ts';

/** A list that a recipe keeps in debian/lists next to its recipe.yaml, and that is accepted by writing it. */
export function listPath(recipe: Recipe, name: string): string {
  return join(dirname(recipe.path), 'debian/lists', name);
}

/** The text of a list, or undefined when the recipe has none yet. */
export async function readList(world: World, recipe: Recipe, name: string): Promise<Result<SourceText | undefined>> {
  const path = listPath(recipe, name);
  try {
    return ok({ name: relative(world.root, path), text: await readFile(path, 'utf8') });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? ok(undefined) : { ok: false, error: diskFailure(path, error) };
  }
}

/** Writes a list whole or not at all. */
export async function writeList(world: World, recipe: Recipe, name: string, text: string): Promise<Result<void>> {
  const path = listPath(recipe, name);
  const temporary = `${path}.${world.runId}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, path);
    return ok();
  } catch (error) {
    return { ok: false, error: diskFailure(path, error) };
  }
}
