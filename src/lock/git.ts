import { escapeControl } from '../base/escape.ts';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, failureOf, ok, type Result } from '../base/result.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import { type GitWorld, resolveCommit } from '../git/source.ts';
import { exportTrees } from '../git/trees.ts';
import { placeIn } from '../recipe/place.ts';
import type { GitSource, Recipe } from '../recipe/recipe.ts';
import type { Store } from '../store/types.ts';
import type { Packaging } from './packaging.ts';
import type { ResolvedSource } from './source.ts';
import type { LockedSource } from './types.ts';

/** What decides which commit a git source is. */
export type GitContext = {
  readonly recipe: Pick<Recipe, 'name' | 'file'>;
  readonly world: GitWorld;
  readonly asked: ReadonlyMap<string, string>; // by name of the source: the ref that the command line says
  readonly pinned: readonly LockedSource[] | undefined; // sources of a lock, in the recipe's order, whose commits are kept
};

type LockedGit = LockedSource & { readonly kind: 'git' };

const MOST_TEXT_BYTES = 16 * 1024 ** 2;

/**
 * Pins a git source: the commit that its ref stands for now, with the sha256 of each tree.
 *
 * @param index its place in the recipe
 * @returns failures with the place in the recipe where it says what was asked for: git-ref-missing, git-ref-unknown, git-ref-ambiguous, git-ref-tag, git-submodule,
 *   git-lfs (usage); git-unreachable, git-no-repository, git-auth, git-dumb, git-protocol, git-server, git-commit-refused (infrastructure);
 *   git-other-object, git-broken-pack, git-tree, git-limit (unverified-input)
 */
export async function resolveGit(source: GitSource, index: number, context: GitContext): Promise<Result<ResolvedSource>> {
  const { recipe, world } = context;
  const { ref, pin, key } = wantedOf(source, index, context);
  const placed = (failure: Failure, at: string = key): Result<never> => fail({ ...placeIn(recipe, ['sources', index, at]), ...failure });
  if (ref === undefined) return placed(refMissing(recipe.name, source.name ?? ''));
  const commit = pin === undefined ? await resolveCommit(world, source.url, ref) : ok(pin);
  if (!commit.ok) return placed(commit.error, commit.error.reason.startsWith('git-ref') ? key : 'git');
  const found = await exportTrees(world, source.url, commit.value, source.submodules);
  if (!found.ok) return placed(found.error, KEYS[found.error.reason] ?? key);
  const { trees, seconds, pointers } = found.value;
  if (pointers.length > 0 && source.lfs === undefined) return placed(pointersLeft(source.url, pointers), 'git');
  if (ref !== commit.value) {
    world.running.tell({ kind: 'note', text: `${escapeControl(source.name ?? source.url)}: ${escapeControl(ref)} is ${commit.value}` });
  }
  const locked: LockedGit = { kind: 'git', name: source.name, ref, directory: source.directory, trees };
  return ok({ source, fields: undefined, locked, newestSeconds: seconds });
}

type Wanted = {
  readonly ref: string | undefined; // undefined: nobody says it
  readonly pin: string | undefined; // the commit that an earlier lock has for it
  readonly key: 'ref' | 'commit' | 'git'; // of the source in the recipe, where what is wrong with the ref is to be mended
};

/** What a source shall be: what an earlier lock pinned, what the command line says, or what the recipe says, in this order. */
function wantedOf(source: GitSource, index: number, { asked, pinned }: GitContext): Wanted {
  const kept = pinned?.[index];
  const [tree] = kept?.kind === 'git' ? kept.trees : [];
  if (kept?.kind === 'git' && tree !== undefined) return { ref: kept.ref, pin: tree.commit, key: 'git' };
  const given = source.name === undefined ? undefined : asked.get(source.name);
  const own = source.commit === undefined ? 'ref' : 'commit';
  const key = given !== undefined || source[own] === undefined ? 'git' : own;
  return { ref: given ?? source[own], pin: undefined, key };
}

/** Where in the source that is which is to be mended, when it is not what says the commit. */
const KEYS: Readonly<Record<string, string>> = {
  'git-submodule': 'submodules',
  'git-unreachable': 'git',
  'git-no-repository': 'git',
  'git-auth': 'git',
  'git-dumb': 'git',
  'git-protocol': 'git',
};

/** Whether it is known of every git source which commit it shall be, before anything is asked for. */
export function checkRefs(recipe: Pick<Recipe, 'name' | 'file' | 'sources'>, asked: ReadonlyMap<string, string>): Result<void> {
  for (const [index, source] of recipe.sources.entries()) {
    if (source.kind !== 'git' || source.commit !== undefined || source.ref !== undefined) continue;
    if (source.name === undefined || !asked.has(source.name))
      return fail({ ...refMissing(recipe.name, source.name ?? ''), ...placeIn(recipe, ['sources', index, 'git']) });
  }
  return ok();
}

/** The debian/control and debian/changelog that a tree brings, when it lies where they count. */
export async function lookIntoTree(locked: LockedGit, store: Store): Promise<Result<Pick<Packaging, 'control' | 'changelog'>>> {
  const below = locked.directory === undefined ? 'debian/' : locked.directory === 'debian' ? '' : undefined;
  const [tree] = locked.trees;
  const found = new Map<string, SourceText>();
  if (below === undefined || tree === undefined) return ok({ control: undefined, changelog: undefined });
  try {
    for await (const { member, body } of readTar(store.read(tree.sha256), ARCHIVE_LIMITS)) {
      const name = ['control', 'changelog'].find((one) => member.name === `${below}${one}`);
      if (name === undefined || member.type !== 'file' || member.size > MOST_TEXT_BYTES) continue;
      const bytes = Buffer.concat(await Array.fromAsync(body));
      found.set(name, { name: `debian/${name} of ${tree.url}`, text: bytes.toString() });
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  return ok({ control: found.get('control'), changelog: found.get('changelog') });
}

function refMissing(recipe: string, name: string): Failure {
  return {
    kind: 'usage',
    reason: 'git-ref-missing',
    message: `The recipe does not say which commit of ${name} it wants, and neither does the command line`,
    next: `Say it: \`twinbuild lock ${recipe} --ref ${name}=TAG_OR_COMMIT\`.`,
  };
}

function pointersLeft(url: string, paths: readonly string[]): Failure {
  const [first = ''] = paths;
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return {
    kind: 'usage',
    reason: 'git-lfs',
    message: `${escapeControl(url)} keeps ${escapeControl(first)}${more} in Git LFS: the tree has pointers in place of these files`,
    next: 'What they point to is not fetched. `lfs: pointers` takes the pointers as they are.',
    details: paths.slice(0, 20).map(escapeControl),
  };
}
