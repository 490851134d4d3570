import { ok, type Result } from '../base/result.ts';
import { treeName } from '../build/plan.ts';
import { profileOf } from '../build/profiles.ts';
import { surroundings, type TwoSurroundings } from '../build/surroundings.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Builder, BuilderOptions } from './builder.ts';
import type { RecipeSubject } from './subject.ts';

export type VaryOptions = { readonly vary?: readonly string[]; readonly skip?: readonly string[]; readonly as?: string };
export type ReproOptions = BuilderOptions &
  VaryOptions & { readonly parallel?: boolean; readonly sequential?: boolean; readonly why?: boolean; readonly deep?: boolean };

/**
 * What is varied without being asked for: where nobody wrote a recipe, the second build runs no tests, as on Debian's own. They are there to find out
 * whether a package works, and many fail in surroundings that are only unusual.
 */
export function usualOptions<T extends VaryOptions>(subject: RecipeSubject, options: T): T {
  return subject.derived && options.as === undefined ? { ...options, vary: ['checks', ...(options.vary ?? [])] } : options;
}

/** Both surroundings, cut to what the engine has. */
export async function twoSurroundings(
  recipe: Recipe,
  { engine, image, lock }: Builder,
  { vary = [], skip = [], as }: VaryOptions,
): Promise<Result<TwoSurroundings>> {
  const profile = as === undefined ? ok(undefined) : profileOf(as);
  if (!profile.ok) return profile;
  const info = await engine.info();
  if (!info.ok) return info;
  const { cpus, memoryBytes } = info.value;
  return surroundings({
    tree: treeName(recipe, lock),
    cpus,
    memoryBytes,
    resources: recipe.resources,
    image,
    vary,
    skip,
    buildOptions: (recipe.environment['DEB_BUILD_OPTIONS'] ?? '').split(/\s+/),
    ...(profile.value ? { profile: profile.value } : {}),
  });
}
