import { readdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { nearest } from './suggest.ts';

/** The containers that the tool ships. */
const OWN_CONTAINERS = fileURLToPath(new URL('../../containers', import.meta.url));

/** A path is told from a name by its `/`, or by the end of a YAML file. */
export function isPath(nameOrPath: string): boolean {
  return nameOrPath.includes('/') || /\.ya?ml$/.test(nameOrPath);
}

/** How a file is shown to people: relative to the root when it lies below it. */
export function shownPath(root: string, path: string): string {
  const inner = relative(root, path);
  return inner === '' || inner.startsWith('..') || isAbsolute(inner) ? path : inner;
}

/** Names of the folders below `recipes/` that hold a recipe.yaml, in byte order; none when there is no such folder. */
export async function listRecipes(root: string): Promise<string[]> {
  const folders = await readdir(join(root, 'recipes'), { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    folders.map(async ({ name }) => ((await isFile(join(root, 'recipes', name, 'recipe.yaml'))) ? [name] : [])),
  );
  return sortedBy(found.flat(), (name) => name);
}

/** Names of the containers in `containers/` of the root, in byte order. */
export async function listContainers(root: string): Promise<string[]> {
  return sortedBy(await containersIn(join(root, 'containers')), (name) => name);
}

async function containersIn(folder: string): Promise<string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((name) => name.endsWith('.yaml')).map((name) => name.slice(0, -'.yaml'.length));
}

/**
 * The absolute path of a recipe.
 *
 * @param nameOrPath a name in `recipes/`, the path of a recipe.yaml, or of the folder that holds one
 * @param from what a path is relative to
 */
export async function findRecipe(
  nameOrPath: string,
  { root, from }: { readonly root: string; readonly from: string },
): Promise<Result<string>> {
  if (!isPath(nameOrPath)) {
    const path = join(root, 'recipes', nameOrPath, 'recipe.yaml');
    if (nameOrPath !== '' && nameOrPath !== '.' && nameOrPath !== '..' && (await isFile(path))) return ok(path);
    const names = await listRecipes(root);
    return fail(
      unknown(
        'recipe',
        nameOrPath,
        names,
        `The recipes here are: ${names.join(', ')}.`,
        'There is no recipe in `recipes/` here; name the path of a recipe.yaml, or use -C.',
      ),
    );
  }
  const path = resolve(from, nameOrPath);
  if (await isFile(path)) return ok(path);
  if (await isFile(join(path, 'recipe.yaml'))) return ok(join(path, 'recipe.yaml'));
  return fail({
    kind: 'usage',
    reason: 'unknown-recipe',
    message: `There is no recipe at ${shownPath(root, path)}`,
    next: 'Name the path of a recipe.yaml, or a recipe in `recipes/`.',
  });
}

/**
 * The absolute path of a container: a name in one of the `folders`, or a path.
 *
 * @param from what a path is relative to
 * @param near a folder whose `containers/` is looked into before the others
 */
export async function findContainer(
  nameOrPath: string,
  { root, from, near }: { readonly root: string; readonly from: string; readonly near?: string | undefined },
): Promise<Result<string>> {
  if (isPath(nameOrPath)) {
    const path = resolve(from, nameOrPath);
    if (await isFile(path)) return ok(path);
    return fail({ kind: 'usage', reason: 'unknown-container', message: `There is no container at ${shownPath(root, path)}` });
  }
  const folders = [...(near === undefined ? [] : [join(near, 'containers')]), join(root, 'containers'), OWN_CONTAINERS];
  const names = new Set<string>();
  for (const folder of folders) {
    const path = join(folder, `${nameOrPath}.yaml`);
    if (nameOrPath !== '' && (await isFile(path))) return ok(path);
    for (const name of await containersIn(folder)) names.add(name);
  }
  const sorted = sortedBy(names, (name) => name);
  return fail(unknown('container', nameOrPath, sorted, `The containers are: ${sorted.join(', ')}.`, 'There is no container.'));
}

function unknown(kind: 'recipe' | 'container', name: string, names: readonly string[], some: string, none: string): Failure {
  const near = nearest(name, names);
  const message = `There is no ${kind} called ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
  return { kind: 'usage', reason: `unknown-${kind}`, message, next: names.length > 0 ? some : none };
}

async function isFile(path: string): Promise<boolean> {
  if (path.includes('\0')) return false;
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
