import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { parseVersion } from '../control/version.ts';
import { isPath } from '../recipe/find.ts';
import { type RecipeSubject, recipeSubject } from './subject.ts';
import type { World } from './world.ts';

/** What a command is to work on. */
export type Target =
  | { readonly kind: 'recipe'; readonly name: string } // a name in recipes/, or the path of a recipe.yaml or of the folder that holds one
  | { readonly kind: 'tree'; readonly path: string } // absolute: a folder with debian/
  | { readonly kind: 'dsc'; readonly path: string } // absolute: a local .dsc, its files beside it
  | { readonly kind: 'source'; readonly name: string; readonly version: string | undefined }; // from the archive; undefined: the newest

/** How a derived recipe builds. */
export type BuildSettings = {
  readonly container: string; // name or path
  readonly profiles: readonly string[]; // DEB_BUILD_PROFILES
  readonly buildOptions: readonly string[]; // DEB_BUILD_OPTIONS without parallel=, which follows from the cpus
  readonly build: 'binary' | 'any' | 'all'; // what dpkg-buildpackage --build= gets
};

export type TargetOptions = { readonly source?: readonly string[] };

/** What one word of the command line stands for: the end of its name and what lies there decide, never what is in it. */
export async function parseTarget(world: World, word: string): Promise<Target> {
  const path = resolve(world.root, word);
  if (word.endsWith('.dsc')) return { kind: 'dsc', path };
  const mayBeTree = word === '.' || word === '..' || (isPath(word) && !/\.ya?ml$/.test(word));
  if (mayBeTree && !(await isFile(join(path, 'recipe.yaml'))) && (await isFolder(join(path, 'debian')))) return { kind: 'tree', path };
  return { kind: 'recipe', name: word === '.' || word === '..' ? `${word}/` : word };
}

/** What all words of a command line stand for, in their order; `--source NAME[=VERSION]` after those without an option. */
export async function parseTargets(
  world: World,
  words: readonly string[],
  { source = [] }: TargetOptions,
): Promise<Result<readonly Target[]>> {
  const targets: Target[] = [];
  for (const word of words) targets.push(await parseTarget(world, word));
  for (const word of source) {
    const [, name, version] = /^([a-z0-9][a-z0-9+.-]*)(?:=(\S+))?$/.exec(word) ?? [];
    if (name === undefined || (version !== undefined && parseVersion(version) === undefined)) {
      return fail({
        kind: 'usage',
        reason: 'bad-source',
        message: `--source ${word}: a source package is written NAME or NAME=VERSION, such as hello or hello=2.10-3`,
      });
    }
    targets.push({ kind: 'source', name, version });
  }
  if (targets.length > 0) return ok(targets);
  return fail({
    kind: 'usage',
    reason: 'no-target',
    message: 'There is nothing to work on',
    next: 'Name a recipe, a folder with debian/ (such as `.`), a .dsc, or `--source NAME` for a source package of the archive.',
  });
}

/** How people call a target. */
export function targetText(target: Target): string {
  switch (target.kind) {
    case 'recipe':
      return target.name;
    case 'tree':
    case 'dsc':
      return target.path;
    case 'source':
      return target.version === undefined ? target.name : `${target.name}=${target.version}`;
    default:
      return target satisfies never;
  }
}

/** The recipe that a target stands for: its own, or one that is derived from what it is and from how it shall be built. */
export async function targetSubject(world: World, target: Target, _settings: BuildSettings): Promise<Result<RecipeSubject>> {
  if (target.kind === 'recipe') return recipeSubject(world, target.name);
  return fail({ kind: 'usage', reason: 'no-recipe', message: `${targetText(target)} has no recipe` });
}

/** The settings that the command line and the caller's environment ask for. */
export function buildSettings(_world: World, _options: TargetOptions): Result<BuildSettings> {
  return ok({ container: 'bookworm', profiles: [], buildOptions: [], build: 'binary' });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
