import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { loadContainer } from '../recipe/load.ts';
import { targetSubject } from './derive.ts';
import { type BuildSettings, buildSettings, type SettingOptions, settingsText } from './settings.ts';
import type { RecipeSubject, Subject } from './subject.ts';
import { parseTargets, type Target, type TargetOptions } from './target.ts';
import type { World } from './world.ts';

export type TargetVerbOptions = TargetOptions & SettingOptions;

/** A target of a command line; `read` gives the recipe that it stands for, when its turn comes. */
export type AskedTarget = {
  readonly target: Target;
  readonly settings: BuildSettings;
  readonly read: () => Promise<Result<RecipeSubject>>;
};

/** The targets of a command line, and how each is built; says what of the caller's environment counts. */
export async function theTargets(
  world: World,
  words: readonly string[],
  options: TargetVerbOptions,
  usual?: readonly string[],
): Promise<Result<readonly AskedTarget[]>> {
  const targets = await parseTargets(world, words, options, await usualWords(world, usual));
  if (!targets.ok) return targets;
  const derives = targets.value.some(({ kind }) => kind !== 'recipe');
  const settings = buildSettings(derives ? world : { ...world, environment: {} }, options);
  if (!settings.ok) return settings;
  const said = settingsText(settings.value);
  if (said !== undefined && derives) world.running.tell({ kind: 'note', text: `without a recipe: ${said}` });
  return ok(
    targets.value.map((target) => ({ target, settings: settings.value, read: () => targetSubject(world, target, settings.value) })),
  );
}

/** In a folder with debian/ that is no project of recipes, that folder is meant. */
async function usualWords({ root }: World, usual: readonly string[] | undefined): Promise<readonly string[] | undefined> {
  if (usual && usual.length > 0) return usual;
  return (await stat(join(root, 'debian')).catch(() => undefined))?.isDirectory() ? ['.'] : usual;
}

/** The one target of a verb that takes no more. */
export async function theTarget(world: World, words: readonly string[], options: TargetVerbOptions): Promise<Result<RecipeSubject>> {
  const targets = await theTargets(world, words, options);
  if (!targets.ok) return targets;
  const [first, second] = targets.value;
  if (first && !second) return first.read();
  return tooMany();
}

export function tooMany(): Result<never> {
  return fail({ kind: 'usage', reason: 'too-many-targets', message: 'This works on one recipe or source at a time' });
}

/** What a target is, or the container of that name or path. */
export async function subjectOf(world: World, { target, read }: AskedTarget): Promise<Result<Subject>> {
  const recipe = await read();
  if (recipe.ok || target.kind !== 'recipe' || recipe.error.reason !== 'unknown-recipe') return recipe;
  const container = await loadContainer(target.name, { root: world.root });
  if (container.ok) return ok({ kind: 'container', container: container.value });
  return container.error.reason === 'unknown-container' ? recipe : container;
}
