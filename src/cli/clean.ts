import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Failure } from '../base/result.ts';
import { type Removed, removeLeftovers } from '../build/leftovers.ts';
import { bytesText } from '../report/units.ts';
import { ownerMayLive } from '../store/address.ts';
import { listEntries, removeEntry, type StoreEntry } from '../store/sweep.ts';
import { keptName } from './kept.ts';
import { failed } from './outcome.ts';
import { sweepWorkFolders } from './output.ts';
import type { Outcome } from './run.ts';
import { theEngine } from './tools.ts';
import type { World } from './world.ts';

type CleanOptions = { readonly all?: boolean; readonly olderThan?: number };

/**
 * `twinbuild clean`: containers and volumes of runs that are dead, volumes that this project has kept, half-written files, and images and store entries that were not used for
 * a while (with `--all`: all images, all kept volumes and the whole store). What a living run uses stays.
 */
export async function clean(world: World, _names: readonly string[], { all = false, olderThan = 30 }: CleanOptions): Promise<Outcome> {
  const failures: Failure[] = [];
  const engine = await theEngine(world);
  const removed = { containers: 0, volumes: 0, keptVolumes: 0, images: 0, storeEntries: 0, storeBytes: 0, outFolders: 0 };
  const oldestSeconds = all ? Number.POSITIVE_INFINITY : world.nowMs() / 1000 - olderThan * 86_400;
  if (!engine.ok) failures.push(engine.error);
  else {
    const ours = await keptVolumes(world);
    const gone = await removeLeftovers(engine.value, {
      keptVolumes: ({ id, createdSeconds }) => ours.has(id) || createdSeconds < oldestSeconds,
      imagesUnusedSinceSeconds: oldestSeconds,
    });
    if (gone.ok) Object.assign(removed, gone.value);
    else failures.push(gone.error);
  }
  const root = join(world.home, 'store');
  const entries = await listEntries(root);
  if (!entries.ok) failures.push(entries.error);
  for (const entry of entries.ok ? entries.value : []) {
    if (mayBeInUse(entry)) continue;
    const unfinished = entry.folder === 'temporary' || entry.folder === 'partial' || entry.folder === 'corrupt';
    if (!unfinished && entry.lastUsedSeconds >= oldestSeconds) continue;
    const done = await removeEntry(root, entry);
    if (!done.ok) failures.push(done.error);
    removed.storeEntries += 1;
    removed.storeBytes += entry.size;
  }
  const out = join(world.root, 'out');
  for (const name of await readdir(out).catch(() => [])) removed.outFolders += await sweepWorkFolders(join(out, name));
  world.say(removedText(removed));
  const [first] = failures;
  return first ? failed(first, { removed }) : { status: 0, json: { removed } };
}

/** Names of the volumes that the recipes of this project have kept. */
async function keptVolumes(world: World): Promise<ReadonlySet<string>> {
  const out = join(world.root, 'out');
  const names = await Promise.all((await readdir(out).catch(() => [])).map((name) => keptName(join(out, name))));
  return new Set(names.flatMap((name) => name ?? []));
}

type RemovedAll = Removed & { readonly storeEntries: number; readonly storeBytes: number };

function removedText({ containers, volumes, keptVolumes, images, storeEntries, storeBytes }: RemovedAll): string {
  const kept = keptVolumes > 0 ? `, ${keptVolumes} kept ${keptVolumes === 1 ? 'volume' : 'volumes'}` : '';
  return `removed ${containers} containers, ${volumes} volumes${kept}, ${images} images, ${storeEntries} store entries (${bytesText(storeBytes)})\n`;
}

/** A file that a process is writing at this moment. */
function mayBeInUse({ folder, path }: StoreEntry): boolean {
  return (folder === 'temporary' || folder === 'partial') && ownerMayLive(basename(path));
}
