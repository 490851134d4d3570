import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { parseVersion } from '../control/version.ts';
import { isPath } from '../recipe/find.ts';
import type { World } from './world.ts';

/** What a command is to work on. */
export type Target =
  | { readonly kind: 'recipe'; readonly name: string } // a name in recipes/, or the path of a recipe.yaml or of the folder that holds one
  | { readonly kind: 'tree'; readonly path: string } // absolute: a folder with debian/
  | { readonly kind: 'dsc'; readonly path: string } // absolute: a local .dsc, its files beside it
  | { readonly kind: 'source'; readonly name: string; readonly version: string | undefined }; // from the archive; undefined: the newest

export type TargetOptions = { readonly source?: readonly string[] };

/**
 * What one word of the command line stands for: how it is written and what lies there decide. In a folder with debian/ a recipe.yaml goes
 * first, at its top or in debian/.
 */
export async function parseTarget(world: Pick<World, 'root'>, word: string): Promise<Target> {
  const path = resolve(world.root, word);
  if (word.endsWith('.dsc')) return { kind: 'dsc', path };
  const mayBeTree = word === '.' || word === '..' || (isPath(word) && !/\.ya?ml$/.test(word));
  if (!mayBeTree) return { kind: 'recipe', name: word };
  if (!(await isKind(join(path, 'debian'), 'folder')) || (await isKind(join(path, 'recipe.yaml'), 'file')))
    return { kind: 'recipe', name: word === '.' || word === '..' ? `${word}/` : word };
  const own = join(path, 'debian', 'recipe.yaml');
  return (await isKind(own, 'file')) ? { kind: 'recipe', name: own } : { kind: 'tree', path };
}

/**
 * What a command line stands for: its words in their order, then each `--source NAME[=VERSION]`.
 *
 * @param usual the words when there are none, and no --source; left out: there must be one
 */
export async function parseTargets(
  world: Pick<World, 'root'>,
  words: readonly string[],
  { source = [] }: TargetOptions,
  usual?: readonly string[],
): Promise<Result<readonly Target[]>> {
  const targets: Target[] = [];
  for (const word of words.length + source.length > 0 ? words : (usual ?? [])) targets.push(await parseTarget(world, word));
  for (const word of source) {
    const target = parseSource(word);
    if (!target.ok) return target;
    targets.push(target.value);
  }
  if (targets.length > 0 || usual) return ok(targets);
  return fail({
    kind: 'usage',
    reason: 'no-target',
    message: 'There is nothing to work on',
    next: 'Name a recipe, a folder with debian/ (such as `.`), a .dsc, or `--source NAME` for a source package of the archive.',
  });
}

/** A source package of the archive, as `--source` has it. */
export function parseSource(word: string): Result<Target & { readonly kind: 'source' }> {
  const [, name, version] = /^([a-z0-9][a-z0-9+.-]+)(?:=(\S+))?$/.exec(word) ?? [];
  if (name !== undefined && (version === undefined || parseVersion(version) !== undefined)) return ok({ kind: 'source', name, version });
  return fail({
    kind: 'usage',
    reason: 'bad-source',
    message: `--source ${word}: a source package is written NAME or NAME=VERSION, such as hello or hello=2.10-3`,
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

async function isKind(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return (kind === 'file' ? found?.isFile() : found?.isDirectory()) ?? false;
}
