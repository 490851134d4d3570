import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Location, SourceText } from '../base/location.ts';
import { canonicalJson, sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { sourceOfBinary } from '../control/source-field.ts';
import { compareVersions } from '../control/version.ts';
import { readPackage } from '../image/package.ts';
import { unpackAll } from '../image/unpacking.ts';
import { parseList, sourceOf } from '../queue/list.ts';
import type { ItemOptions, ListLine } from '../queue/types.ts';
import { findRecipe, isPath, listRecipes } from '../recipe/find.ts';
import { loadContainer } from '../recipe/load.ts';
import { problems } from '../recipe/problems.ts';
import { decodeText } from '../recipe/text.ts';
import { fill } from './fill.ts';
import { holdSince } from './leases.ts';
import { optionsOf } from './many-line.ts';
import { readLock, recipeSubject, type Subject } from './subject.ts';
import { parseTarget, type Target } from './target.ts';
import { theEngine, theStore } from './tools.ts';
import type { World } from './world.ts';

/** A list of targets, wherever it came from. */
export type TargetList = {
  readonly name: string; // of the folder of its results
  readonly shown: string; // as people call it
  readonly entries: readonly ListEntry[];
};

export type ListEntry = {
  readonly target: Target;
  readonly text: string;
  readonly options: ItemOptions;
  readonly at?: Location; // in the list, when it is a file
};

const MOST_BYTES = 16 * 1024 * 1024;

/** Reads a list from a file, or from standard input for `-`. Failures: those of `parseList`, not-readable, unknown-target. */
export async function listFromFile(world: World, path: string): Promise<Result<TargetList>> {
  const source = await readSource(world, path);
  if (!source.ok) return source;
  const parsed = parseList(source.value);
  const recipes = new Set(await listRecipes(world.root));
  // Paths are those of the list, not of where somebody happens to call it from.
  const from = path === '-' ? world.root : dirname(resolve(world.root, path));
  const entries: ListEntry[] = [];
  const wrong: Failure[] = [...parsed.wrong];
  const seen = new Map<string, string>();
  for (const line of parsed.lines) {
    const entry = await entryOf(line, { world, from, recipes, seen });
    if (entry.ok) entries.push(entry.value);
    else wrong.push(...(entry.error.others ?? [entry.error]));
  }
  if (wrong.length > 0) return fail(problems(wrong));
  const name = path === '-' ? 'stdin' : folderName(basename(path).replace(/\.(list|txt)$/, ''));
  return ok({ name, shown: path === '-' ? 'standard input' : relative(world.root, resolve(world.root, path)) || path, entries });
}

const UNKNOWN = {
  kind: 'usage',
  reason: 'unknown-target',
  next: 'Name a recipe of `recipes/`, a path with a slash in it, a .dsc, or source:NAME[=VERSION].',
} as const;

type LineContext = {
  readonly world: World;
  readonly from: string; // absolute: what its paths are relative to
  readonly recipes: ReadonlySet<string>;
  readonly seen: Map<string, string>; // the word that stands for a target already
};

async function entryOf(line: ListLine, { world, from, recipes, seen }: LineContext): Promise<Result<ListEntry>> {
  const { target: word, source: named, at } = line;
  const target = named ? { kind: 'source' as const, ...named } : await targetOf(word, from, recipes);
  if (target === undefined)
    return fail({ ...UNKNOWN, message: `${word} is no recipe here, nothing at that path, and no name of a source package`, at });
  const id = canonicalJson(target);
  const same = seen.get(id);
  seen.set(id, word);
  // The same word twice was said when the text was read.
  if (same !== undefined && same !== word)
    return fail({ kind: 'usage', reason: 'list-duplicate', message: `${word} is the same as ${same}, which stands above`, at });
  if (!(await isThere(target))) return fail({ ...NEITHER, message: `${word} has neither a debian/ nor a recipe.yaml`, at });
  const options = await optionsOf(line, target, { root: world.root, from });
  return options.ok ? ok({ target, text: word, options: options.value, at }) : options;
}

const NEITHER = {
  kind: 'usage',
  reason: 'unknown-target',
  next: 'Name a folder with debian/, one with a recipe.yaml, a recipe.yaml or a .dsc.',
} as const;

/** Whether a path leads to a recipe; what is wrong with one that is there is said when its turn comes. */
async function isThere(target: Target): Promise<boolean> {
  return target.kind !== 'recipe' || !isAbsolute(target.name) || (await findRecipe(target.name, { root: '/', from: '/' })).ok;
}

/** A path, else a recipe of that name, else a source package of the archive. */
async function targetOf(word: string, from: string, recipes: ReadonlySet<string>): Promise<Target | undefined> {
  if (recipes.has(word)) return { kind: 'recipe', name: word };
  if (isPath(word) || word.endsWith('.dsc') || word === '.' || word === '..') {
    if (!(await stat(resolve(from, word)).catch(() => undefined))) return undefined;
    const target = await parseTarget({ root: from } as World, word);
    return target.kind === 'recipe' && !isAbsolute(target.name) ? { kind: 'recipe', name: resolve(from, target.name) } : target;
  }
  const source = sourceOf(word);
  return source && { kind: 'source', ...source };
}

async function readSource(world: World, path: string): Promise<Result<SourceText>> {
  if (path === '-') return decodeText(await buffer(process.stdin), '-');
  try {
    const bytes = await readFile(resolve(world.root, path));
    if (bytes.length <= MOST_BYTES) return decodeText(bytes, path);
    return fail(notReadable(path, 'it is too large for a list'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return fail(notReadable(path, code === 'ENOENT' ? 'there is no such file' : (error as Error).message));
  }
}

function notReadable(path: string, why: string): Failure {
  return {
    kind: 'usage',
    reason: 'not-readable',
    message: `The list ${path} cannot be read: ${why}`,
    next: 'Name a file with a target a line, or - for standard input.',
  };
}

/**
 * The sources of every package in the image of a container or a recipe, each once, with the versions that are in it. A source that was built once more
 * without a change is named with its `+bN`.
 */
export async function listFromContainer(world: World, name: string): Promise<Result<TargetList>> {
  const subject = await imageSubject(world, name);
  if (!subject.ok) return subject;
  const found = await readLock(world, subject.value);
  if (!found.ok) return found;
  const store = await theStore(world);
  if (!store.ok) return store;
  using making = holdSince(world);
  const held = await making.begin();
  if (!held.ok) return held;
  const engine = () => theEngine(world);
  const filled = await fill(world, subject.value, found.value, { part: 'packages', relockIfGone: false, store: store.value, engine });
  if (!filled.ok) return filled;
  const { packages } = filled.value.lock;
  const unpacked = await unpackAll(store.value, packages, world.running);
  if (!unpacked.ok) return unpacked;
  const sources = new Map<string, { name: string; version: string; binNmu: number }>();
  for (const locked of packages) {
    const known = unpacked.value.get(locked.sha256);
    if (known === undefined) throw new Error(`${locked.name} was not unpacked.`);
    const read = readPackage(locked, known);
    if (!read.ok) return read;
    const source = sourceOfBinary({ name: locked.name, version: locked.version, source: read.value.control.get('Source') });
    if (source === undefined) continue; // dpkg would not have built it
    const key = `${source.name}=${source.version}`;
    sources.set(key, { ...source, binNmu: Math.max(sources.get(key)?.binNmu ?? 0, source.binNmu ?? 0) });
  }
  const sorted = sortedBy(sources.values(), ({ name: of }) => of).sort((a, b) =>
    a.name === b.name ? compareVersions(a.version, b.version) : 0,
  );
  const entries = sorted.map(({ name: of, version, binNmu }): ListEntry => {
    const whole = binNmu > 0 ? `${version}+b${binNmu}` : version;
    return { target: { kind: 'source', name: of, version: whole }, text: `source:${of}=${whole}`, options: {} };
  });
  return ok({ name: folderName(`container-${basename(name)}`), shown: `container ${name}`, entries });
}

/** A recipe of that name or path, else a container. */
async function imageSubject(world: World, name: string): Promise<Result<Subject>> {
  const recipe = await recipeSubject(world, name);
  if (recipe.ok || recipe.error.reason !== 'unknown-recipe') return recipe;
  const container = await loadContainer(name, { root: world.root });
  return container.ok ? ok({ kind: 'container', container: container.value }) : container;
}

/** A name of a folder made from any text. */
export function folderName(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9.+_~-]/g, '-').replace(/^[.-]+/, '');
  return safe === '' ? 'list' : safe;
}
