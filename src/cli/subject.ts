import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Sha256, sha256 } from '../base/digest.ts';
import type { SourceText } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Dsc } from '../control/dsc.ts';
import { checkLock } from '../lock/check.ts';
import { parseLock } from '../lock/lock.ts';
import type { Lock } from '../lock/types.ts';
import { loadRecipe } from '../recipe/load.ts';
import type { Container, Recipe } from '../recipe/recipe.ts';
import type { Target } from './target.ts';
import type { World } from './world.ts';

/** Where a derived recipe comes from, and the folder below the state that holds its lock. */
export type Derived = { readonly target: Target; readonly folder: string; readonly dsc: Dsc | undefined };

/** What a lock is made for: a recipe, or a container by itself. */
export type Subject =
  | {
      readonly kind: 'recipe';
      readonly recipe: Recipe;
      readonly container: Container;
      readonly resultsIn?: string; // absolute: the folder that holds out/, when it is not the root
      readonly derived?: Derived; // of a recipe that nobody wrote
    }
  | { readonly kind: 'container'; readonly container: Container };
export type RecipeSubject = Subject & { readonly kind: 'recipe' };

/** A lock as it was found, with the digest of its text. */
export type FoundLock = { readonly lock: Lock; readonly digest: Sha256 };

/** The files of a subject's lock in the store, and the lock that was used for it. */
export type Filled = FoundLock & { readonly resolvedAnew: string | undefined };

export function nameOf(subject: Subject): string {
  return subject.kind === 'recipe' ? subject.recipe.name : subject.container.name;
}

/** The world of a subject whose results do not belong into the root. */
export function resultsWorld(world: World, { resultsIn }: RecipeSubject): World {
  return resultsIn === undefined ? world : { ...world, root: resultsIn };
}

/** Where the lock of a recipe or a container stands: next to its file; of a derived recipe among the state. */
export function lockPath(subject: Subject): string {
  if (subject.kind === 'recipe' && subject.derived) return join(subject.derived.folder, 'recipe.lock');
  return subject.kind === 'recipe'
    ? join(dirname(subject.recipe.path), 'recipe.lock')
    : join(dirname(subject.container.path), `${subject.container.name}.lock`);
}

export async function recipeSubject(world: World, name: string): Promise<Result<RecipeSubject>> {
  const recipe = await loadRecipe(name, { root: world.root });
  return recipe.ok ? ok({ kind: 'recipe', recipe: recipe.value, container: recipe.value.container }) : recipe;
}

/** The committed lock of a subject, when it is intact and belongs to it. A missing or stale one is a failure, never a refresh. */
export async function readLock(world: World, subject: Subject): Promise<Result<FoundLock>> {
  const source = await lockText(world, subject);
  return source.ok ? intactLock(source.value, subject) : source;
}

/** The committed lock of a subject, when it is intact, whether or not the subject has changed since. */
export async function earlierLock(world: World, subject: Subject): Promise<Result<Lock>> {
  const source = await lockText(world, subject);
  return source.ok ? parseLock(source.value) : source;
}

async function lockText(world: World, subject: Subject): Promise<Result<SourceText>> {
  const path = lockPath(subject);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const name = relative(world.root, path);
  if (text !== undefined) return ok({ name, text });
  return fail({
    kind: 'usage',
    reason: 'lock-missing',
    message: `${nameOf(subject)} has no lock: ${name} does not exist`,
    next: `Run \`twinbuild lock ${nameOf(subject)}\` and commit the file.`,
  });
}

/** A lock's text, parsed and held against what it was made for. */
export function intactLock(source: SourceText, subject: Subject): Result<FoundLock> {
  const lock = parseLock(source);
  if (!lock.ok) return lock;
  const current = checkLock(lock.value, subject.kind === 'recipe' ? subject.recipe : subject.container, source);
  return current.ok ? ok({ lock: lock.value, digest: sha256(source.text) }) : current;
}
