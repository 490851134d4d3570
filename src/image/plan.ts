import { sortedBy } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { DIVERSIONS, OVERRIDES, STATUS, writeDatabase } from './database.ts';
import { type Layer, layerOf } from './layer.ts';
import type { Node } from './node.ts';
import type { Package } from './package.ts';
import { doesNothing } from './preinst.ts';
import { RootTree } from './root-tree.ts';
import { skeleton } from './skeleton.ts';
import { baseSteps, buildSteps, type ConfigureStep } from './steps.ts';

/** How packages get into an image, as data: a layer with what we unpack, and what a container does on it. */
export type Plan = {
  readonly layer: Layer | undefined; // undefined: there is nothing that we unpack
  readonly tree: RootTree; // what this layer and those below hold
  readonly late: readonly Package[]; // those that dpkg unpacks, in the container
  readonly steps: readonly ConfigureStep[]; // of the configuration
  readonly epoch: number; // SOURCE_DATE_EPOCH of the configuration; nothing in both layers is newer
};

export type PlanOptions = { readonly architecture: string; readonly imageEpoch: number };

/** Translated, not C, and with another decimal comma and date than English; the same in `locales` and `locales-all`. */
const LOCALE = 'fr_CH.UTF-8';

/**
 * Plans the base: packages on an empty system. Nothing in it follows from the lock but the packages: images with equal base packages share its
 * layers. Failures: file-conflict (build-failed), nothing-to-unpack (usage).
 */
export function planBase(base: readonly Package[], options: PlanOptions): Result<Plan> {
  if (base.length === 0) {
    return fail({
      kind: 'usage',
      reason: 'nothing-to-unpack',
      message: 'The lock has no package of the base layer.',
      next: 'Make the lock anew with `twinbuild lock`.',
    });
  }
  const tree = new RootTree();
  for (const node of skeleton(options.architecture)) tree.add(node);
  const epoch = Math.min(newestOf(base), options.imageEpoch);
  const grown = grow(tree, base, { before: [], status: '', architecture: options.architecture, epoch });
  if (!grown.ok) return grown;
  const layer = layerOf(
    tree.nodes,
    tree.nodes.keys(),
    base.map(({ locked }) => locked.sha256),
  );
  return ok({ layer, tree, late: [], steps: baseSteps({ base, preinsts: base.filter(preinstActs), ...settings(base) }), epoch });
}

/** What dpkg's database says of a base that is configured: the texts of STATUS, DIVERSIONS and OVERRIDES. */
export type Database = ReadonlyMap<string, string>;
export const DATABASE = [STATUS, DIVERSIONS, OVERRIDES];

/**
 * Plans what is built with, on a base that is configured. What has to see the system before it is unpacked, or whose files dpkg would put
 * elsewhere, is left to dpkg.
 *
 * @param below the tree of the configured base; not changed
 */
export function planBuild(
  base: readonly Package[],
  build: readonly Package[],
  below: RootTree,
  database: Database,
  options: PlanOptions,
): Result<Plan> {
  const special = specialPaths(database);
  const late = build.filter((each) => preinstActs(each) || each.unpacked.entries.some(({ path }) => special.has(`/${path}`)));
  const early = build.filter((each) => !late.includes(each));
  const tree = new RootTree(below);
  if (early.length > 0) {
    const epoch = Math.min(newestOf([...base, ...early]), options.imageEpoch);
    const grown = grow(tree, early, { before: base, status: database.get(STATUS) ?? '', architecture: options.architecture, epoch });
    if (!grown.ok) return grown;
  }
  const added = [...tree.nodes.values()].filter((node) => below.nodes.get(node.path) !== node).map(({ path }) => path);
  const layer =
    added.length === 0
      ? undefined
      : layerOf(
          tree.nodes,
          added,
          early.map(({ locked }) => locked.sha256),
        );
  return ok({ layer, tree, late, steps: buildSteps({ base, build, early, late, ...settings(build) }), epoch: options.imageEpoch });
}

/** Translated locales that an image with these packages has. */
export function localesOf(packages: readonly Package[]): readonly string[] {
  return packages.some(({ name }) => name === 'locales' || name === 'locales-all') ? [LOCALE] : [];
}

/** Where libfaketime is, if it is there. */
export function fakeTimeLibrary(packages: readonly Package[]): string | undefined {
  const paths = packages.flatMap(({ unpacked }) =>
    unpacked.entries.map(({ path }) => path).filter((path) => /\/faketime\/libfaketime\.so\.[0-9]+$/.test(path)),
  );
  const [path] = sortedBy(paths, (each) => each);
  return path === undefined ? undefined : `/${path}`;
}

function settings(packages: readonly Package[]): { readonly locale: string | undefined; readonly manualIndex: boolean } {
  const names = new Set(packages.map(({ name }) => name));
  return { locale: names.has('locales') && !names.has('locales-all') ? LOCALE : undefined, manualIndex: names.has('man-db') };
}

function preinstActs({ unpacked }: Package): boolean {
  return unpacked.preinst !== undefined && !doesNothing(unpacked.preinst);
}

/** Unpacks packages and writes the database of all that are unpacked then. */
function grow(
  tree: RootTree,
  added: readonly Package[],
  on: { readonly before: readonly Package[]; readonly status: string; readonly architecture: string; readonly epoch: number },
): Result<void> {
  // base-files first: it says what the folders of the system look like; dpkg leaves a folder as its first package made it.
  for (const each of [...added].sort((a, b) => Number(b.name === 'base-files') - Number(a.name === 'base-files'))) {
    // Nothing works without the base's configuration files, so they are put in place as debootstrap does; others wait as with dpkg.
    const unpacked = tree.unpack(each, on.before.length === 0 ? 'placed' : 'waiting');
    if (!unpacked.ok) return unpacked;
  }
  const { before, status, architecture, epoch } = on;
  writeDatabase(tree, { unpacked: added, before, status, architecture, mtimeSeconds: epoch });
  for (const node of [...tree.nodes.values()]) {
    const mtimeSeconds = Math.min(isUndated(node) ? epoch : node.mtimeSeconds, epoch);
    if (mtimeSeconds !== node.mtimeSeconds) tree.add({ ...node, mtimeSeconds });
  }
  return ok();
}

function isUndated({ owner, mtimeSeconds }: Node): boolean {
  return owner === '' && mtimeSeconds === 0;
}

/** The age of what we write follows from the packages, not from the lock: equal packages then give an equal layer. */
function newestOf(packages: readonly Package[]): number {
  return packages.reduce(
    (newest, { unpacked }) =>
      [...unpacked.entries, ...unpacked.information].reduce((max, { mtimeSeconds }) => Math.max(max, mtimeSeconds), newest),
    0,
  );
}

/** Paths that dpkg would put elsewhere (dpkg-divert(1): three lines each, the first two are paths) or give to others (dpkg-statoverride(1)). */
function specialPaths(database: Database): ReadonlySet<string> {
  const diverted = (database.get(DIVERSIONS) ?? '').split('\n').filter((line) => line.startsWith('/'));
  const overridden = (database.get(OVERRIDES) ?? '').split('\n').map((line) => line.split(' ').slice(3).join(' '));
  return new Set([...diverted, ...overridden].filter((path) => path !== ''));
}
