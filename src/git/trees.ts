import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { offlineFailure } from '../store/miss.ts';
import { type Exported, exportCommit, type GitWorld } from './source.ts';
import { submoduleUrl } from './submodules.ts';
import type { Tree } from './types.ts';

/** Which submodules are wanted: none, or all, some of them from another address than `.gitmodules` says. */
export type Submodules = { readonly urls: Readonly<Record<string, string>> }; // by path below the top of the repository

/** A repository's tree and those of its submodules, each after the one that it lies in. */
export type Trees = {
  readonly trees: readonly Tree[];
  readonly seconds: number; // of the newest commit
  readonly pointers: readonly string[]; // paths of LFS pointers in all of them
};

const DEEPEST = 5;
const MOST = 200;

/** Exports a commit, and with `submodules` those that it pins, and theirs. */
export async function exportTrees(
  world: GitWorld,
  url: string,
  commit: string,
  submodules: Submodules | undefined,
): Promise<Result<Trees>> {
  const harvest = new Harvest(world, submodules);
  const taken = await harvest.take({ path: '', url, commit }, 0);
  if (!taken.ok) return taken;
  const { trees, pointers, seconds, unused } = harvest;
  return unused === undefined ? ok({ trees, seconds, pointers }) : fail(noSuch(url, unused, trees));
}

type Wanted = Pick<Tree, 'path' | 'url' | 'commit'>;

/** What was taken of a repository so far. */
class Harvest {
  readonly trees: Tree[] = [];
  readonly pointers: string[] = [];
  seconds = 0;
  readonly #world: GitWorld;
  readonly #submodules: Submodules | undefined;
  readonly #used = new Set<string>();

  constructor(world: GitWorld, submodules: Submodules | undefined) {
    this.#world = world;
    this.#submodules = submodules;
  }

  /** A path that the recipe maps and no submodule has. */
  get unused(): string | undefined {
    return Object.keys(this.#submodules?.urls ?? {}).find((path) => !this.#used.has(path));
  }

  async take(wanted: Wanted, depth: number): Promise<Result<void>> {
    const { path, url, commit } = wanted;
    if (depth > DEEPEST || this.trees.length >= MOST) return fail(tooMany(url, depth > DEEPEST ? `${DEEPEST} levels of` : `${MOST}`));
    const exported = await exportCommit(this.#world, url, commit);
    if (!exported.ok) return exported;
    const { sha256, size, seconds, pointers, links } = exported.value;
    this.trees.push({ path, url, commit, size, sha256 });
    this.seconds = Math.max(this.seconds, seconds);
    this.pointers.push(...pointers.map((one) => join(path, one)));
    if (this.#submodules !== undefined) return this.#takeLinks(wanted, exported.value, depth);
    if (links.length > 0) this.#world.running.tell({ kind: 'warning', text: leftOut(url, links) });
    return ok();
  }

  async #takeLinks({ path, url }: Wanted, { links, modules }: Exported, depth: number): Promise<Result<void>> {
    const written = new Map(modules);
    for (const link of links) {
      const inner = join(path, link.path);
      const given = this.#submodules?.urls[inner];
      if (given !== undefined) this.#used.add(inner);
      const found = given === undefined ? submoduleUrl(written.get(link.path), url, inner) : ok(given);
      if (!found.ok) return found;
      const taken = await this.take({ path: inner, url: found.value, commit: link.commit }, depth + 1);
      if (!taken.ok) return taken;
    }
    return ok();
  }
}

/** Puts a tree that a lock names into the store again, by its commit. */
export async function fetchTree(world: GitWorld, tree: Tree): Promise<Result<void>> {
  if (await world.store.has(tree.sha256, tree.size)) return ok();
  if (world.fetch.offline) return fail(offlineFailure([`${tree.commit} of ${tree.url}`]));
  const exported = await exportCommit(world, tree.url, tree.commit);
  if (!exported.ok) return exported;
  const { sha256, size } = exported.value;
  return sha256 === tree.sha256 && size === tree.size ? ok() : fail(differs(tree, exported.value));
}

function differs({ url, commit, sha256 }: Tree, found: Exported): Failure {
  return {
    kind: 'unverified-input',
    reason: 'git-tree-differs',
    message: `The tree of ${commit} from ${escapeControl(url)} is not the one that the lock names`,
    next: 'Nothing of it was used. Two trees of one commit id mean that somebody made them so, or that the lock was made by hand.',
    details: [`locked   sha256 ${sha256}`, `fetched  sha256 ${found.sha256}`],
  };
}

function join(path: string, inner: string): string {
  return path === '' ? inner : `${path}/${inner}`;
}

function leftOut(url: string, links: Exported['links']): string {
  const [first] = links;
  const more = links.length > 1 ? ` and ${links.length - 1} more` : '';
  return `${escapeControl(url)} has the submodule ${escapeControl(first?.path ?? '')}${more}, which the recipe leaves out: \`submodules: true\` takes them`;
}

function tooMany(url: string, what: string): Failure {
  return { kind: 'usage', reason: 'git-submodule', message: `${escapeControl(url)} has more than ${what} submodules` };
}

function noSuch(url: string, path: string, trees: readonly Tree[]): Failure {
  const paths = trees.map((tree) => tree.path).filter((one) => one !== '');
  return {
    kind: 'usage',
    reason: 'git-submodule',
    message: `${escapeControl(url)} has no submodule ${escapeControl(path)}`,
    next: paths.length === 0 ? 'It has none at all.' : `Its submodules are: ${paths.map(escapeControl).join(', ')}.`,
  };
}
