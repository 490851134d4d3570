import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { deriveRecipe } from './derive.ts';
import { diskFailure } from './disk.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { type RecipeSubject, readLock } from './subject.ts';
import type { Target } from './target.ts';
import { type AskedTarget, type TargetVerbOptions, theTargets } from './targets.ts';
import type { World } from './world.ts';

type InitOptions = TargetVerbOptions & { readonly force?: boolean };

/** The first line of a recipe that is written for people: editors find the schema by it. */
const HEAD = '# A recipe of twinbuild. `twinbuild lock` writes the lock next to it; commit both.\n';

/**
 * `twinbuild init [TARGET]`: writes the recipe that is derived from a target: into recipes/NAME/ of a project that has such a folder, into debian/ of a
 * tree, else into the root. Never over another file unless asked.
 */
export async function init(world: World, words: readonly string[], options: InitOptions): Promise<Outcome> {
  const targets = await theTargets(world, words, options);
  if (!targets.ok) return failed(targets.error);
  const written: { name: string; recipe: string }[] = [];
  for (const target of targets.value) {
    const done = await initOne(world, target, options);
    if (!done.ok) return failed(done.error, { written });
    const shown = relative(process.cwd(), done.value.path);
    world.say(`${done.value.name}: wrote ${shown}; \`twinbuild lock ${lockWord(world, done.value)}\` comes next\n`);
    written.push({ name: done.value.name, recipe: shown });
  }
  return { status: 0, json: { written } };
}

function lockWord({ root }: World, { name, path }: { readonly name: string; readonly path: string }): string {
  return path === join(root, 'recipes', name, 'recipe.yaml') ? name : relative(process.cwd(), path);
}

async function initOne(
  world: World,
  asked: AskedTarget,
  { force = false }: InitOptions,
): Promise<Result<{ readonly name: string; readonly path: string }>> {
  const subject = await asked.read();
  if (!subject.ok) return subject;
  const { target } = asked;
  if (target.kind === 'recipe') return fail(there(relative(process.cwd(), subject.value.recipe.path)));
  const { name } = subject.value.recipe;
  const path = join(await folderOf(world, target, name), 'recipe.yaml');
  const text = await recipeText(world, target, subject.value, asked, dirname(path));
  if (!text.ok) return text;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, HEAD + text.value, { flag: force ? 'w' : 'wx' });
    return ok({ name, path });
  } catch (error) {
    return fail((error as NodeJS.ErrnoException).code === 'EEXIST' ? there(relative(process.cwd(), path)) : diskFailure(path, error));
  }
}

function there(path: string) {
  return {
    kind: 'usage',
    reason: 'recipe-exists',
    message: `${path} exists`,
    next: 'Change it by hand, or pass --force to write over it.',
  } as const;
}

async function folderOf({ root }: World, target: Target, name: string): Promise<string> {
  if ((await stat(join(root, 'recipes')).catch(() => undefined))?.isDirectory()) return join(root, 'recipes', name);
  return target.kind === 'tree' ? join(target.path, 'debian') : root;
}

/**
 * The text of a derived recipe; a source of the archive has the version that its lock has, when there is one.
 *
 * @param from absolute: the folder that its paths are relative to
 */
async function recipeText(
  world: World,
  target: Target,
  subject: RecipeSubject,
  { settings }: Pick<AskedTarget, 'settings'>,
  from: string,
): Promise<Result<string>> {
  if (target.kind === 'recipe') return ok(subject.recipe.file.text);
  const lock = await readLock(world, subject);
  const [source] = lock.ok ? lock.value.lock.sources : [];
  const derived = await deriveRecipe(world, target, settings, from, source?.kind === 'debian' ? source.version : undefined);
  return derived.ok ? ok(derived.value.text) : derived;
}

/** The same for what a command line names. */
export async function printAsked(world: World, words: readonly string[], options: TargetVerbOptions): Promise<Outcome> {
  const targets = await theTargets(world, words, options);
  return targets.ok ? printRecipes(world, targets.value) : failed(targets.error);
}

/** `--print-recipe`: the recipes of targets as YAML documents on standard output, as they would stand in the root. */
async function printRecipes(world: World, targets: readonly AskedTarget[]): Promise<Outcome> {
  const recipes: { name: string; recipe: string }[] = [];
  for (const asked of targets) {
    const subject = await asked.read();
    if (!subject.ok) return failed(subject.error);
    const text = await recipeText(world, asked.target, subject.value, asked, world.root);
    if (!text.ok) return failed(text.error);
    recipes.push({ name: subject.value.recipe.name, recipe: text.value });
  }
  if (!world.json) world.say(recipes.map(({ recipe }) => recipe).join('---\n'));
  return { status: 0, json: recipes.length === 1 ? recipes[0] : { recipes } };
}
