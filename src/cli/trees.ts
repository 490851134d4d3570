import { fail, ok, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import type { GitWorkshop } from '../git/checkout.ts';
import type { GitWorld } from '../git/source.ts';
import { fetchTree } from '../git/trees.ts';
import type { Tree } from '../git/types.ts';
import { makeImage } from '../image/image.ts';
import type { Lock } from '../lock/types.ts';
import { placeIn } from '../recipe/place.ts';
import { fetchFiles } from '../store/fetch.ts';
import { offlineFailure } from '../store/miss.ts';
import type { Store } from '../store/types.ts';
import { wantedFiles } from './inputs.ts';
import { nameOf, type Subject } from './subject.ts';
import { fetchOptions, theMirrors } from './tools.ts';
import type { World } from './world.ts';

export type TreeTools = { readonly store: Store; readonly engine: () => Promise<Result<Engine>> };

/**
 * Puts the git trees of a lock that the store does not have into it: fetched by their commits, taken apart in the image that the lock has for it, and held against
 * the lock. An engine is only asked for when there is something to fetch.
 */
export async function fetchTrees(world: World, subject: Subject, lock: Lock, tools: TreeTools): Promise<Result<void>> {
  const labels: string[] = [];
  const all = treesOf(lock);
  for (const { tree } of all) if (!(await tools.store.has(tree.sha256, tree.size))) labels.push(`${tree.commit} of ${tree.url}`);
  if (labels.length === 0) return ok();
  if (world.offline) return fail(offlineFailure(labels));
  let workshop: Promise<Result<GitWorkshop>> | undefined;
  const git: GitWorld = {
    store: tools.store,
    running: world.running,
    fetch: fetchOptions(world),
    workshop: () => {
      workshop ??= workshopOf(world, subject, lock, tools);
      return workshop;
    },
  };
  for (const { tree, index } of all) {
    const fetched = await fetchTree(git, tree);
    if (fetched.ok) continue;
    return fail({ ...(subject.kind === 'recipe' ? placeIn(subject.recipe, ['sources', index, 'git']) : {}), ...fetched.error });
  }
  return ok();
}

/** Every tree of a lock, with the place of its source in the recipe. */
function treesOf({ sources }: Lock): readonly { readonly tree: Tree; readonly index: number }[] {
  return sources.flatMap((source, index) => (source.kind === 'git' ? source.trees.map((tree) => ({ tree, index })) : []));
}

/** The image that takes repositories apart, made from the packages that the lock names for it. */
async function workshopOf(world: World, subject: Subject, lock: Lock, { store, engine }: TreeTools): Promise<Result<GitWorkshop>> {
  if (lock.tools === undefined) {
    return fail({
      kind: 'usage',
      reason: 'lock-malformed',
      message: `The lock of ${nameOf(subject)} names no packages to take git repositories apart with`,
      next: `Run \`twinbuild lock ${nameOf(subject)}\`.`,
    });
  }
  const opened = await engine();
  if (!opened.ok) return opened;
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return mirrors;
  const packages = [...lock.packages.filter(({ layer }) => layer === 'base'), ...lock.tools];
  const fetched = await fetchFiles(store, wantedFiles(packages, lock, subject.container, mirrors.value), fetchOptions(world));
  if (!fetched.ok) return fetched;
  world.running.tell({ kind: 'stage', text: 'making the image that has git' });
  const image = await makeImage({ engine: opened.value, store, running: world.running }, { ...lock, packages });
  return image.ok ? ok({ engine: opened.value, image: image.value.id }) : image;
}
