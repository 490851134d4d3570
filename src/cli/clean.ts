import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Failure, ok, type Result } from '../base/result.ts';
import { removeImages } from '../build/image-limit.ts';
import { type Removed, removeLeftovers } from '../build/leftovers.ts';
import type { Engine } from '../docker/engine.ts';
import { bytesText } from '../report/units.ts';
import type { Leases } from '../store/leases.ts';
import { isBeingWritten, removeUnheld } from '../store/limit.ts';
import { listEntries, type StoreEntry } from '../store/sweep.ts';
import { sweepDerived } from './derived-lock.ts';
import { keptName } from './kept.ts';
import { keepLimits, type LimitOptions, limitsOf } from './limits.ts';
import { failed } from './outcome.ts';
import { sweepResults } from './output.ts';
import type { Outcome } from './run.ts';
import { theEngine } from './tools.ts';
import type { World } from './world.ts';

type CleanOptions = LimitOptions & { readonly all?: boolean; readonly olderThan?: number };

/**
 * `twinbuild clean`: containers and volumes of runs that are dead, volumes that this project has kept, half-written files, and images and store entries that were not used for
 * a while (with `--all`: all images, all kept volumes and the whole store; with a limit: the longest unused beyond it). What a living run uses stays.
 */
export async function clean(world: World, _names: readonly string[], options: CleanOptions): Promise<Outcome> {
  const { all = false, olderThan = 30 } = options;
  const limits = limitsOf(world, options);
  if (!limits.ok) return failed(limits.error);
  const leases = world.leases();
  if (!leases.ok) return failed(leases.error);
  const failures: Failure[] = [];
  const removed: { -readonly [K in keyof RemovedAll]: RemovedAll[K] } = { ...NOTHING };
  const oldestSeconds = all ? Number.POSITIVE_INFINITY : world.nowMs() / 1000 - olderThan * 86_400;
  const engine = await theEngine(world);
  const gone = engine.ok ? await cleanEngine(world, engine.value, leases.value, oldestSeconds) : engine;
  if (gone.ok) Object.assign(removed, gone.value);
  else failures.push(gone.error);
  const cleaned = await cleanStore(join(world.home, 'store'), leases.value, oldestSeconds);
  if (!cleaned.ok) failures.push(cleaned.error);
  for (const { size } of cleaned.ok ? cleaned.value : []) {
    removed.storeEntries += 1;
    removed.storeBytes += size;
  }
  const kept = await keepLimits(world, engine.ok ? engine.value : undefined, limits.value);
  if (!kept.ok) failures.push(kept.error);
  else {
    removed.storeEntries += kept.value.store?.removed ?? 0;
    removed.storeBytes += kept.value.store?.removedBytes ?? 0;
    removed.images += kept.value.images?.removed ?? 0;
  }
  removed.derivedLocks += await sweepDerived(world.home, oldestSeconds);
  for (const out of await outFolders(world)) removed.outFolders += await sweepResults(out);
  world.say(removedText(removed));
  const [first] = failures;
  return first ? failed(first, { removed }) : { status: 0, json: { removed } };
}

/** Files that are removed under one mark. */
const AT_ONCE = 50;

async function cleanStore(root: string, leases: Leases, oldestSeconds: number): Promise<Result<readonly StoreEntry[]>> {
  const entries = await listEntries(root);
  if (!entries.ok) return entries;
  const old = entries.value.filter((entry) => {
    const unfinished = entry.folder === 'temporary' || entry.folder === 'partial' || entry.folder === 'corrupt';
    return !isBeingWritten(entry) && (unfinished || entry.lastUsedSeconds < oldestSeconds);
  });
  const gone: StoreEntry[] = [];
  for (let at = 0; at < old.length; at += AT_ONCE) {
    const done = await removeUnheld(root, leases, old.slice(at, at + AT_ONCE));
    if (!done.ok) return done;
    gone.push(...done.value);
  }
  return ok(gone);
}

async function cleanEngine(world: World, engine: Engine, leases: Leases, oldestSeconds: number): Promise<Result<InEngine>> {
  const ours = await keptVolumes(world);
  const gone = await removeLeftovers(engine, { keptVolumes: ({ id, createdSeconds }) => ours.has(id) || createdSeconds < oldestSeconds });
  if (!gone.ok) return gone;
  const all = await engine.leftovers(['image']);
  if (!all.ok) return all;
  const old = all.value.filter((one) => (one.usedSeconds ?? one.createdSeconds) < oldestSeconds);
  const images = await removeImages(engine, leases, old);
  return images.ok ? ok({ ...gone.value, images: images.value.length }) : images;
}

/** Names of the volumes that the recipes of this project have kept. */
async function keptVolumes(world: World): Promise<ReadonlySet<string>> {
  const kept = new Set<string>();
  for (const out of await outFolders(world)) {
    const names = await Promise.all((await readdir(out).catch(() => [])).map((name) => keptName(join(out, name))));
    for (const name of names) if (name !== undefined) kept.add(name);
  }
  return kept;
}

/** Where this project's results are: in the root, and above it when the root is a source tree. */
async function outFolders({ root }: World): Promise<readonly string[]> {
  const isTree = (await stat(join(root, 'debian')).catch(() => undefined))?.isDirectory() ?? false;
  return [join(root, 'out'), ...(isTree ? [join(dirname(root), 'out')] : [])];
}

type InEngine = Removed & { readonly images: number };
type RemovedAll = InEngine & {
  readonly storeEntries: number;
  readonly storeBytes: number;
  readonly derivedLocks: number;
  readonly outFolders: number;
};
const NOTHING: RemovedAll = {
  containers: 0,
  volumes: 0,
  keptVolumes: 0,
  images: 0,
  storeEntries: 0,
  storeBytes: 0,
  derivedLocks: 0,
  outFolders: 0,
};

function removedText({ containers, volumes, keptVolumes, images, storeEntries, storeBytes }: RemovedAll): string {
  const kept = keptVolumes > 0 ? `, ${keptVolumes} kept ${keptVolumes === 1 ? 'volume' : 'volumes'}` : '';
  return `removed ${containers} containers, ${volumes} volumes${kept}, ${images} images, ${storeEntries} store entries (${bytesText(storeBytes)})\n`;
}
