import { sortedBy } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { writeDatabase } from './database.ts';
import { type Layer, layerOf } from './layer.ts';
import type { Node } from './node.ts';
import type { Package } from './package.ts';
import { doesNothing } from './preinst.ts';
import { RootTree } from './root-tree.ts';
import { skeleton } from './skeleton.ts';
import { type ConfigureStep, stepsOf } from './steps.ts';

/** How an image is made, as data. */
export type Plan = {
  readonly layers: readonly Layer[]; // the base, then the build packages if there are any
  readonly tree: ReadonlyMap<string, Node>; // what the layers together hold
  readonly late: readonly Package[]; // those that dpkg unpacks, in the container, because their preinst has to run before
  readonly steps: readonly ConfigureStep[]; // of the configuration
  readonly locales: readonly string[];
  readonly fakeTimeLibrary: string | undefined;
};

export type PlanOptions = { readonly architecture: string; readonly imageEpoch: number };

/** Translated, not C, and with another decimal comma and date than English; the same in `locales` and `locales-all`. */
const LOCALE = 'fr_CH.UTF-8';

/**
 * Plans an image. Nothing is read but what is known of the packages. Failures: file-conflict (build-failed), nothing-to-unpack (usage).
 *
 * @param packages all of the lock's, in its order
 */
export function planImage(packages: readonly Package[], options: PlanOptions): Result<Plan> {
  const base = packages.filter(({ locked }) => locked.layer === 'base');
  const build = packages.filter(({ locked }) => locked.layer === 'build');
  if (base.length === 0)
    return fail({
      kind: 'usage',
      reason: 'nothing-to-unpack',
      message: 'The lock has no package of the base layer.',
      next: 'Make the lock anew with `twinbuild lock`.',
    });
  const preinstRuns = ({ unpacked }: Package): boolean => unpacked.preinst !== undefined && !doesNothing(unpacked.preinst);
  const late = build.filter(preinstRuns);
  const early = build.filter((each) => !late.includes(each));

  const lower = new RootTree();
  for (const node of skeleton(options.architecture)) lower.add(node);
  const first = grow(lower, base, base, options);
  if (!first.ok) return first;
  const whole = new RootTree(lower);
  const second = early.length === 0 ? ok() : grow(whole, early, [...base, ...early], options);
  if (!second.ok) return second;

  const debs = packages.map(({ locked }) => locked.sha256);
  const added = [...whole.nodes.values()].filter((node) => lower.nodes.get(node.path) !== node).map(({ path }) => path);
  const layers = [layerOf(lower.nodes, lower.nodes.keys(), debs), ...(added.length === 0 ? [] : [layerOf(whole.nodes, added, debs)])];
  const names = new Set(packages.map(({ name }) => name));
  const locale = names.has('locales-all') ? 'there' : names.has('locales') ? 'generate' : 'none';
  return ok({
    layers,
    tree: whole.nodes,
    late,
    steps: stepsOf({ base, build, late, preinsts: base.filter(preinstRuns), locale: locale === 'generate' ? LOCALE : undefined }),
    locales: locale === 'none' ? [] : [LOCALE],
    fakeTimeLibrary: fakeTimeLibrary(packages),
  });
}

/** Unpacks packages and writes the database of all that are unpacked then. */
function grow(tree: RootTree, added: readonly Package[], all: readonly Package[], options: PlanOptions): Result<void> {
  // base-files first: it says what the folders of the system look like; dpkg leaves a folder as its first package made it.
  for (const each of [...added].sort((a, b) => Number(b.name === 'base-files') - Number(a.name === 'base-files'))) {
    // Nothing works without the base's configuration files, so they are put in place as debootstrap does; others wait as with dpkg.
    const unpacked = tree.unpack(each, each.locked.layer === 'base' ? 'placed' : 'waiting');
    if (!unpacked.ok) return unpacked;
  }
  // What we write is as old as the newest file of the packages, not as the lock: equal packages then give an equal layer.
  const newestSeconds = all.reduce(
    (newest, { unpacked }) =>
      [...unpacked.entries, ...unpacked.information].reduce((max, { mtimeSeconds }) => Math.max(max, mtimeSeconds), newest),
    0,
  );
  writeDatabase(tree, all, { architecture: options.architecture, mtimeSeconds: newestSeconds });
  for (const node of [...tree.nodes.values()]) {
    const mtimeSeconds = Math.min(node.owner === '' && node.mtimeSeconds === 0 ? newestSeconds : node.mtimeSeconds, options.imageEpoch);
    if (mtimeSeconds !== node.mtimeSeconds) tree.add({ ...node, mtimeSeconds });
  }
  return ok();
}

function fakeTimeLibrary(packages: readonly Package[]): string | undefined {
  const paths = packages.flatMap(({ unpacked }) =>
    unpacked.entries.map(({ path }) => path).filter((path) => /\/faketime\/libfaketime\.so\.[0-9]+$/.test(path)),
  );
  const [path] = sortedBy(paths, (each) => each);
  return path === undefined ? undefined : `/${path}`;
}
