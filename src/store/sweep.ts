import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { byBytes } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { FOLDERS, ownedName, ownerMayLive } from './address.ts';
import { diskFailure } from './trouble.ts';

/** A file of the store, for `clean`. */
export type StoreEntry = {
  readonly folder: keyof typeof FOLDERS;
  readonly name: string; // for content the digest, for derived files and state `kind/key`
  readonly path: string; // absolute
  readonly size: number; // bytes
  readonly lastUsedSeconds: number; // since 1970-01-01T00:00:00Z, exact to a minute
};

const DAY_SECONDS = 24 * 3600;

/**
 * Removes temporary files whose process is gone, or that are a day old, and downloads that nobody went on with for a month.
 *
 * @returns the present time as the file system has it: ages are then right on a remote disk, too
 */
export async function sweepStale(root: string): Promise<number> {
  const nowSeconds = await fileSystemSeconds(root);
  for (const [folder, days] of [
    ['temporary', 1],
    ['partial', 30],
  ] as const) {
    for (const name of await readdir(join(root, FOLDERS[folder]))) {
      const path = join(root, FOLDERS[folder], name);
      const there = await lstat(path).catch(() => undefined);
      if (!there) continue; // its owner was quicker
      const old = nowSeconds - there.mtimeMs / 1000 > days * DAY_SECONDS;
      if (old || (folder === 'temporary' && !ownerMayLive(name))) await rm(path, { force: true, recursive: true });
    }
  }
  return nowSeconds;
}

/** The clock of the file system, taken from a file made now. */
export async function fileSystemSeconds(root: string): Promise<number> {
  const probe = join(root, FOLDERS.temporary, ownedName('clock'));
  await writeFile(probe, '');
  try {
    return (await lstat(probe)).mtimeMs / 1000;
  } finally {
    await rm(probe, { force: true });
  }
}

/** Every file of a store, by folder and name in byte order. */
export async function listEntries(root: string): Promise<Result<readonly StoreEntry[]>> {
  const entries: StoreEntry[] = [];
  try {
    for (const folder of Object.keys(FOLDERS) as (keyof typeof FOLDERS)[]) {
      const top = join(root, FOLDERS[folder]);
      const found = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
      for (const file of found.filter((each) => each.isFile())) {
        const path = join(file.parentPath, file.name);
        const there = await lstat(path).catch(() => undefined);
        if (!there) continue; // removed meanwhile
        const name = folder === 'content' ? file.name : relative(top, path);
        entries.push({ folder, name, path, size: there.size, lastUsedSeconds: Math.max(there.atimeMs, there.mtimeMs) / 1000 });
      }
    }
  } catch (error) {
    return fail(diskFailure(error, root));
  }
  return ok(entries.sort((a, b) => byBytes(a.path, b.path)));
}

/** Removes one file of the store. A process that reads it at this moment reads on. */
export async function removeEntry(root: string, entry: StoreEntry): Promise<Result<void>> {
  try {
    await rm(entry.path, { force: true });
    return ok(undefined);
  } catch (error) {
    return fail(diskFailure(error, root));
  }
}
