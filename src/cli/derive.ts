import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { type Dsc, parseDsc } from '../control/dsc.ts';
import { type Description, recipeYaml } from '../recipe/derive.ts';
import { shownPath } from '../recipe/find.ts';
import { loadContainer, recipeFromText } from '../recipe/load.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { readText } from '../recipe/text.ts';
import type { BuildSettings } from './settings.ts';
import { type RecipeSubject, recipeSubject } from './subject.ts';
import type { Target } from './target.ts';
import { checkRelations, readTree, treeFits } from './tree.ts';
import type { World } from './world.ts';

type Derivable = Exclude<Target, { readonly kind: 'recipe' }>;

/** That of the largest source packages have some 100 KiB. */
const MOST_DSC_BYTES = 4 * 1024 ** 2;

/** How messages call the text of a derived recipe. */
const DERIVED_NAME = 'the derived recipe';

/** The recipe that a target stands for: its own, or one that is derived from what it is and from how it shall be built. */
export async function targetSubject(world: World, target: Target, settings: BuildSettings): Promise<Result<RecipeSubject>> {
  if (target.kind === 'recipe') return ownRecipe(world, target.name, settings);
  const derived = await deriveRecipe(world, target, settings, world.root);
  if (!derived.ok) return derived;
  const { recipe } = derived.value;
  const resultsIn = target.kind === 'tree' && isInside(world.root, target.path) ? dirname(target.path) : undefined;
  const folder = join(world.home, 'derived', `${recipe.name}-${recipe.digest.slice(0, 32)}`);
  return ok({
    kind: 'recipe',
    recipe,
    container: recipe.container,
    derived: { target, folder, dsc: derived.value.dsc },
    ...(resultsIn === undefined ? {} : { resultsIn }),
  });
}

async function ownRecipe(world: World, name: string, { asked = [] }: BuildSettings): Promise<Result<RecipeSubject>> {
  const subject = await recipeSubject(world, name);
  if (!subject.ok) return fail(await withOtherWays(world, name, subject.error));
  if (asked.length > 0) {
    return fail({
      kind: 'usage',
      reason: 'recipe-decides',
      message: `${asked.join(', ')}: ${subject.value.recipe.name} has a recipe, which says how it is built`,
      next: 'Change the recipe, or name the source itself: a folder with debian/, a .dsc, or --source NAME.',
    });
  }
  // Debian's tools would take results that lie in the tree for changes of the source.
  const packaging = dirname(subject.value.recipe.path);
  const tree = dirname(packaging);
  return basename(packaging) === 'debian' && isInside(world.root, tree) ? ok({ ...subject.value, resultsIn: dirname(tree) }) : subject;
}

/** Whoever names what has no recipe may mean a folder here, or a source of the archive. */
async function withOtherWays(world: World, name: string, failure: Failure): Promise<Failure> {
  if (failure.reason !== 'unknown-recipe' || !/^[a-z0-9][a-z0-9+.-]+$/.test(name)) return failure;
  const isTree = (await stat(join(world.root, name, 'debian')).catch(() => undefined))?.isDirectory() ?? false;
  const way = isTree ? `\`./${name}\` is the folder of that name` : `\`--source ${name}\` is the source package of the archive`;
  return { ...failure, next: failure.next === undefined ? `${way}.` : `${failure.next} Without a recipe, ${way}.` };
}

/**
 * Derives a recipe.
 *
 * @param from absolute: the folder that the paths in its text are relative to
 * @param version of a source of the archive, when a lock has pinned it
 */
export async function deriveRecipe(
  world: World,
  target: Derivable,
  settings: BuildSettings,
  from: string,
  version?: string,
): Promise<Result<{ readonly recipe: Recipe; readonly text: string; readonly dsc: Dsc | undefined }>> {
  const named = await describe(world, target, from);
  if (!named.ok) return named;
  const { container, profiles, buildOptions, resources = {} } = settings;
  const binNmu = named.value.binNmu ?? settings.binNmu;
  if (binNmu !== undefined && settings.build === 'all') return fail(notAll());
  const build = binNmu === undefined ? settings.build : 'any'; // what is the same on all architectures is not built again
  const image = await loadContainer(container, { root: world.root });
  if (!image.ok) return image;
  const description: Description = {
    ...named.value,
    ...(version !== undefined && 'debian' in named.value.source ? { source: { ...named.value.source, version } } : {}),
    suite: image.value.suite,
    container: isAbsolute(container) ? pathFrom(from, container) : container,
    profiles,
    buildOptions,
    build,
    resources,
    binNmu,
  };
  const text = recipeYaml(description);
  const recipe = await recipeFromText({ name: DERIVED_NAME, text }, join(from, 'recipe.yaml'), { root: world.root });
  if (!recipe.ok) return fail(withoutPlace(recipe.error));
  const { architecture } = recipe.value.container;
  const fits = named.value.tree ? treeFits(named.value.tree, { architecture, build }) : ok();
  return fits.ok ? ok({ recipe: recipe.value, text, dsc: named.value.dsc }) : fits;
}

function notAll(): Failure {
  return {
    kind: 'usage',
    reason: 'binnmu-all',
    message: 'A binary-only upload has no packages that are the same on all architectures',
    next: 'Leave out --arch-all.',
  };
}

type Named = Pick<Description, 'name' | 'source'> & {
  readonly binNmu?: number;
  readonly dsc?: Dsc;
  readonly tree?: Parameters<typeof treeFits>[0];
};

async function describe(world: World, target: Derivable, from: string): Promise<Result<Named>> {
  switch (target.kind) {
    case 'tree': {
      const tree = await readTree(target.path, { root: world.root });
      return tree.ok ? ok({ name: tree.value.name, source: { folder: pathFrom(from, target.path) }, tree: tree.value }) : tree;
    }
    case 'dsc':
      return describeDsc(world, target.path, from);
    case 'source': {
      const [, version = target.version, number] = /^(.*)\+b([1-9][0-9]*)$/.exec(target.version ?? '') ?? [];
      return ok({
        name: target.name,
        source: { debian: target.name, version },
        ...(number === undefined ? {} : { binNmu: Number(number) }),
      });
    }
    default:
      return target satisfies never;
  }
}

async function describeDsc(world: World, path: string, from: string): Promise<Result<Named>> {
  const shown = shownPath(world.root, path);
  const file = await readText(path, shown, { mostBytes: MOST_DSC_BYTES, lenient: true }); // names of people in old ones are in Latin-1
  if (!file.ok) return file;
  const dsc = parseDsc(file.value);
  if (!dsc.ok) return fail({ ...dsc.error, kind: 'usage' });
  const relations = checkRelations(dsc.value.stanza);
  if (!relations.ok) return relations;
  return ok({ name: dsc.value.source, source: { dsc: pathFrom(from, path) }, dsc: dsc.value });
}

/** A path as a recipe says it: relative, and with a slash, so that it is no name. */
function pathFrom(from: string, path: string): string {
  const inner = relative(from, path);
  if (inner === '') return '.';
  return inner.startsWith('../') || inner === '..' ? inner : `./${inner}`;
}

function isInside(path: string, folder: string): boolean {
  const inner = relative(folder, path);
  return inner === '' || (!inner.startsWith('..') && !isAbsolute(inner));
}

/** A failure that points into a recipe that nobody wrote points nowhere. */
export function withoutPlace(failure: Failure): Failure {
  if (failure.at?.source.name !== DERIVED_NAME) return failure;
  const { at: _, ...rest } = failure;
  return rest;
}
