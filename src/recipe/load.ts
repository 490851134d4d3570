import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { readContainer } from './container.ts';
import { findContainer, findRecipe, isPath, shownPath } from './find.ts';
import { partsOf } from './fingerprint.ts';
import { type Folded, fold } from './fold.ts';
import { folderPackaging } from './packaging.ts';
import { type RecipePart, recipePart } from './part.ts';
import { problems } from './problems.ts';
import type { BuildPart, Container, Epoch, Permission, Recipe, Resources, Source, Step } from './recipe.ts';
import { validate } from './schema.ts';
import { readText } from './text.ts';
import { parseYaml, type Tree } from './yaml.ts';

const MOST_EXTENDED = 10;
const DEFAULT_CONTAINER = 'bookworm';
const DEFAULT_OUTPUTS = ['*.deb', '*.udeb', '*.ddeb', '*.buildinfo', '*.changes'];
const DEFAULT_STEP = 'build';
const defaultRun = (build: BuildPart): string => `dpkg-buildpackage --build=${build} --unsigned-source --unsigned-changes`;
const DEFAULT_RESOURCES = { memoryBytes: 4 * 1024 ** 3, diskBytes: 10 * 1024 ** 3, timeSeconds: 3600 };

/**
 * Reads a recipe, folds in what it extends, fills in the defaults and reads its container.
 *
 * @param nameOrPath a name in `recipes/` of the root, or the path of a recipe.yaml (or of its folder) relative to the root
 * @returns a usage failure: unknown-recipe, or all problems of a file with their places
 */
export async function loadRecipe(nameOrPath: string, { root }: { readonly root: string }): Promise<Result<Recipe>> {
  const path = await findRecipe(nameOrPath, { root, from: root });
  if (!path.ok) return path;
  const chain = await readChain(path.value, root);
  if (!chain.ok) return chain;
  const folded = fold(chain.value);
  if (!folded.ok) return folded;
  const { name, tree } = folded.value;
  if (!isPath(nameOrPath) && name !== nameOrPath) {
    return fail({
      kind: 'usage',
      reason: 'name-differs',
      message: `The recipe in recipes/${nameOrPath} is called ${name}; the two must be the same`,
      at: tree.locate(['name']),
    });
  }
  return complete(folded.value, root);
}

/**
 * A recipe from its text, as if that lay at a path: what is relative in it is so to that path, and nothing needs to be there.
 *
 * @param text of a recipe.yaml that extends none
 * @param path absolute
 */
export async function recipeFromText(text: SourceText, path: string, { root }: { readonly root: string }): Promise<Result<Recipe>> {
  const part = await partOf(text, path);
  if (!part.ok) return part;
  const folded = fold([part.value]);
  return folded.ok ? complete(folded.value, root) : folded;
}

/**
 * Reads a container.
 *
 * @param nameOrPath a name in `containers/` of the root, else of the tool; or a path relative to the root
 * @returns a usage failure: unknown-container, or all problems of the file with their places
 */
export async function loadContainer(nameOrPath: string, { root }: { readonly root: string }): Promise<Result<Container>> {
  const path = await findContainer(nameOrPath, { root, from: root });
  return path.ok ? readContainer(path.value, { root, called: isPath(nameOrPath) ? undefined : nameOrPath }) : path;
}

/** The recipe and what it extends, itself first. */
async function readChain(path: string, root: string): Promise<Result<readonly RecipePart[]>> {
  const chain: RecipePart[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = path; next !== undefined; ) {
    seen.add(await realpath(next));
    const part = await readPart(next, root);
    if (!part.ok) return part;
    chain.push(part.value);
    const extended: string | undefined = part.value.extends;
    if (extended === undefined) break;
    const at = part.value.tree.locate(['extends']);
    const found = await findRecipe(extended, { root, from: dirname(next) });
    if (!found.ok) return fail({ ...found.error, at });
    if (seen.has(await realpath(found.value))) {
      const way = [...chain.map((one) => one.tree.source.name), shownPath(root, found.value)].join(' → ');
      return fail({ kind: 'usage', reason: 'extends-cycle', message: `The recipe extends itself: ${way}`, at });
    }
    if (chain.length > MOST_EXTENDED) {
      return fail({ kind: 'usage', reason: 'extends-depth', message: `More than ${MOST_EXTENDED} recipes extend each other here`, at });
    }
    next = found.value;
  }
  return ok(chain);
}

async function readPart(path: string, root: string): Promise<Result<RecipePart>> {
  const source = await readText(path, shownPath(root, path));
  return source.ok ? partOf(source.value, path) : source;
}

async function partOf(source: SourceText, path: string): Promise<Result<RecipePart>> {
  const tree = parseYaml(source);
  if (!tree.ok) return tree;
  const valid = validate(tree.value, 'recipe');
  if (valid.ok) return recipePart(tree.value, path);
  // What the schema has nothing against is looked at all the same, so that every problem is said at once.
  const rest = await recipePart(withoutWrong(tree.value, each(valid.error)), path);
  return rest.ok ? valid : fail({ ...valid.error, ...problems([...each(valid.error), ...each(rest.error)]) });
}

function each(failure: Failure): readonly Failure[] {
  return failure.others ?? [failure];
}

/** A recipe without the keys in which something stands that is not as the schema wants it. */
function withoutWrong(tree: Tree, wrong: readonly Failure[]): Tree {
  if (typeof tree.value !== 'object' || tree.value === null || Array.isArray(tree.value)) return { ...tree, value: { name: '' } };
  const starts = Object.keys(tree.value).map((key) => ({ key, start: tree.locate([key], 'key').start }));
  const keyAt = (start: number): string | undefined => starts.filter((one) => one.start <= start).sort((a, b) => b.start - a.start)[0]?.key;
  const bad = new Set(wrong.map(({ at }) => keyAt(at?.start ?? 0)));
  return { ...tree, value: { name: '', ...Object.fromEntries(Object.entries(tree.value).filter(([key]) => !bad.has(key))) } };
}

async function complete(folded: Folded, root: string): Promise<Result<Recipe>> {
  const { containerFrom: from, tree } = folded;
  const called = folded.container ?? DEFAULT_CONTAINER;
  const near = dirname(from.path);
  const path = await findContainer(called, { root, from: near, near });
  if (!path.ok) return fail({ ...path.error, at: from.tree.locate(['container']) });
  const container = await readContainer(path.value, { root, called: isPath(called) ? undefined : called });
  if (!container.ok) return container;

  const sources = folded.sources ?? [];
  const debian = await bringsPackaging(sources);
  // What a recipe asks for counts: without the permission there is no build.
  const memory = folded.permissions?.memoryBytes;
  const resources: Resources = {
    ...DEFAULT_RESOURCES,
    cpus: undefined,
    ...folded.resources,
    ...(memory === undefined ? {} : { memoryBytes: memory }),
  };
  const steps = stepsOf(folded, debian, resources.timeSeconds);
  if (!steps.ok) return steps;
  const recipe = {
    name: folded.name,
    file: tree.source,
    path: folded.path,
    container: container.value,
    sources,
    patches: folded.patches ?? [],
    buildDepends: folded.buildDepends ?? [],
    environment: folded.environment,
    build: folded.build ?? 'binary',
    steps: steps.value,
    outputs: folded.outputs ?? DEFAULT_OUTPUTS,
    epoch: folded.epoch ?? ({ kind: debian ? 'changelog' : 'newest-source' } satisfies Epoch),
    resources,
    permissions: permissionsOf(folded.permissions),
  };
  const parts = await partsOf(recipe);
  return parts.ok ? ok({ ...recipe, ...parts.value }) : parts;
}

/** Steps with their defaults; a Debian source has a step `build` without being told. */
function stepsOf({ steps, tree, build = 'binary' }: Folded, debian: boolean, timeSeconds: number): Result<readonly Step[]> {
  const wrong = (message: string, at = tree.locate(['steps'])): Failure => ({ kind: 'usage', reason: 'missing-key', message, at });
  if (steps === undefined) {
    if (debian) return ok([{ name: DEFAULT_STEP, run: defaultRun(build), timeoutSeconds: timeSeconds, user: 'builder' }]);
    return fail(wrong('The recipe has no `steps`, and no source with a debian/ folder that would say how it is built'));
  }
  if (steps.length === 0) return fail(wrong('No step is left'));
  const found: Failure[] = [];
  const list = steps.map(({ name, part, at }): Step => {
    const run = part.run ?? (debian && name === DEFAULT_STEP ? defaultRun(build) : undefined);
    if (run === undefined) found.push(wrong(`The step ${name} has no \`run\`, and nothing that it could change is extended`, at));
    return { name, run: run ?? '', timeoutSeconds: part.timeoutSeconds ?? timeSeconds, user: part.user ?? 'builder' };
  });
  return found.length > 0 ? fail(problems(found)) : ok(list);
}

/** Whether a source has a debian/ folder, as far as that can be told before anything is fetched. */
async function bringsPackaging(sources: readonly Source[]): Promise<boolean> {
  for (const source of sources) {
    if (source.kind === 'debian' || source.kind === 'dsc') return true;
    if (source.kind === 'folder' && (await folderPackaging(source)).control !== undefined) return true;
  }
  return false;
}

function permissionsOf(asked: Folded['permissions']): readonly Permission[] {
  return [
    ...(asked?.memoryBytes === undefined ? [] : [{ name: 'memory', bytes: asked.memoryBytes } as const]),
    ...(asked?.capabilities ?? []).map((capability) => ({ name: 'capability', capability }) as const),
    ...(asked?.devices ?? []).map((path) => ({ name: 'device', path }) as const),
  ];
}
