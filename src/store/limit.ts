import { basename } from 'node:path';
import { byBytes } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import { ownerMayLive } from './address.ts';
import type { LeaseKey, Leases } from './leases.ts';
import { listEntries, removeEntry, type StoreEntry } from './sweep.ts';

/** Something of a size that was used at some time; what one limit is about. */
export type Sized = { readonly size: number; readonly lastUsedSeconds: number; readonly name: string };

/** What was removed to keep to a limit, and what is there now. */
export type Kept = { readonly removed: number; readonly removedBytes: number; readonly bytes: number; readonly limitBytes: number };

/** So much of a limit is left free, that not every file more makes us look again. */
const SPARE = 0.1;
/** Files that are removed under one mark: whoever needs one of them waits no longer than this takes. */
const AT_ONCE = 50;

/** The longest unused first; of equal ones the largest. */
export function oldestFirst<T extends Sized>(all: readonly T[]): readonly T[] {
  return [...all].sort((a, b) => a.lastUsedSeconds - b.lastUsedSeconds || b.size - a.size || byBytes(a.name, b.name));
}

/** The limit of something that now takes that many bytes; undefined: none. */
export type LimitFor = (usedBytes: number) => Promise<number | undefined>;

/**
 * Removes files of a store until it keeps to a limit, the longest unused first, and never one that somebody holds. When too much is held, the store
 * stays larger than that.
 */
export async function limitStore(root: string, leases: Leases, limitFor: LimitFor): Promise<Result<Kept | undefined>> {
  const listed = await listEntries(root);
  if (!listed.ok) return listed;
  const bytes = listed.value.reduce((sum, { size }) => sum + size, 0);
  const limitBytes = await limitFor(bytes);
  if (limitBytes === undefined) return ok(undefined);
  const kept = { removed: 0, removedBytes: 0, bytes, limitBytes };
  if (bytes <= limitBytes) return ok(kept);
  // State is small, and what it says saves hours.
  const candidates = oldestFirst(listed.value.filter((entry) => entry.folder !== 'state' && !isBeingWritten(entry)));
  for (let at = 0; at < candidates.length && kept.bytes > limitBytes * (1 - SPARE); ) {
    const some: StoreEntry[] = [];
    for (let left = kept.bytes; at < candidates.length && some.length < AT_ONCE && left > limitBytes * (1 - SPARE); at += 1) {
      const entry = candidates[at] as StoreEntry;
      some.push(entry);
      left -= entry.size;
    }
    const removed = await removeUnheld(root, leases, some);
    if (!removed.ok) return removed;
    for (const { size } of removed.value) {
      kept.removed += 1;
      kept.removedBytes += size;
      kept.bytes -= size;
    }
  }
  return ok(kept);
}

/** Removes those of the files that nobody holds. */
export async function removeUnheld(root: string, leases: Leases, entries: readonly StoreEntry[]): Promise<Result<readonly StoreEntry[]>> {
  const about = (entry: StoreEntry) => ({ key: keyOf(entry), usedSeconds: entry.lastUsedSeconds });
  return leases.remove(entries, about, (entry) => removeEntry(root, entry));
}

/** Under which key a file may be held: its own digest, or that of the package which it was made from. */
function keyOf({ name }: StoreEntry): LeaseKey | undefined {
  const digest = basename(name);
  return /^[0-9a-f]{64}$/.test(digest) ? `sha256:${digest}` : undefined;
}

/** A file that a process is writing at this moment. */
export function isBeingWritten({ folder, path }: StoreEntry): boolean {
  return (folder === 'temporary' || folder === 'partial') && ownerMayLive(basename(path));
}

/** Half of what there is room for: what is used already and what is free. */
export function sensibleLimit(usedBytes: number, freeBytes: number): number {
  return Math.max(LEAST_BYTES, Math.floor((usedBytes + freeBytes) / 2));
}

/** A builder image, its packages and their unpacked forms. */
const LEAST_BYTES = 4e9;
