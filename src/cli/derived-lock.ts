import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { addBeside } from '../lock/local.ts';
import { writeLock } from '../lock/lock.ts';
import type { Lock } from '../lock/types.ts';
import { ownedName, ownerMayLive, prefixOf } from '../store/address.ts';
import { withoutPlace } from './derive.ts';
import { wishPlaced } from './derived-wish.ts';
import { diskFailure } from './disk.ts';
import { type FoundLock, lockPath, readLock, type Subject } from './subject.ts';
import { theEngine, theStore } from './tools.ts';
import type { World } from './world.ts';

/**
 * The lock of a subject. That of a recipe or a container must be there; that of a derived recipe is resolved when it is first needed, and kept
 * among the state under the digest of everything that it was made from, so that a later run needs no network and gets the same.
 */
export async function lockFor(
  world: World,
  subject: Subject,
  { relock = false }: { readonly relock?: boolean } = {},
): Promise<Result<FoundLock>> {
  if (subject.kind !== 'recipe' || !subject.derived) return readLock(world, subject);
  if (!relock) {
    const kept = await readLock(world, subject);
    if (kept.ok) {
      tellKept(world, subject, kept.value.lock);
      const now = world.nowMs() / 1000;
      await utimes(subject.derived.folder, now, now).catch(() => undefined); // only `clean` looks at it
      return kept;
    }
    if (kept.error.reason !== 'lock-missing')
      world.running.tell({ kind: 'warning', text: `${kept.error.message}: the lock that was kept is not used, and resolved anew` });
  }
  const store = await theStore(world);
  if (!store.ok) return store;
  const { target, dsc } = subject.derived;
  // A file that is not what its .dsc says is found out before anything is asked of a network or an engine.
  const beside = target.kind === 'dsc' && dsc ? await addBeside(store.value, target.path, dsc) : ok();
  if (!beside.ok) return beside;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;
  const { resolveSubject } = await import('./resolve.ts'); // with all that reads an archive, which a kept lock does not need
  const resolved = await resolveSubject(world, subject, { store: store.value, engine: engine.value });
  if (!resolved.ok) return fail(await wishPlaced(listedOnly(withoutPlace(resolved.error)), subject.derived));
  const written = await keepLock(lockPath(subject), resolved.value, subject.recipe.file.text);
  return written.ok ? ok({ lock: resolved.value, digest: sha256(writeLock(resolved.value)) }) : written;
}

function tellKept(world: World, { recipe }: Subject & { readonly kind: 'recipe' }, lock: Lock): void {
  const date = new Date(lock.imageEpoch * 1000).toISOString().slice(0, 10);
  const [source] = lock.sources;
  const version =
    source?.kind === 'debian' && recipe.sources[0]?.kind === 'debian' && recipe.sources[0].version === undefined
      ? ` ${source.version}`
      : '';
  world.running.tell({
    kind: 'note',
    text: `${recipe.name}${version}: built with the archive as of ${date}, as locked before; --relock takes the present one`,
  });
}

/** A file that is gone while its index is fresh never was where the archive lists it. */
function listedOnly(failure: Failure): Failure {
  const [, what] = failure.reason === 'file-gone' ? (/^(.*): no longer where (?:it was|they were)$/.exec(failure.message) ?? []) : [];
  if (what === undefined) return failure;
  return {
    ...failure,
    message: `The archive lists ${what} and does not have ${/^[0-9]+ files$/.test(what) ? 'them' : 'it'}`,
    next: 'Name a mirror that is whole with TWINBUILD_MIRROR, or build another version.',
  };
}

/** Writes a derived lock and, for people, its recipe. Whoever is killed in between leaves the lock out or whole. */
async function keepLock(path: string, lock: Lock, recipe: string): Promise<Result<void>> {
  const folder = dirname(path);
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, 'recipe.yaml'), recipe);
    await writeWhole(path, writeLock(lock));
    return ok();
  } catch (error) {
    return fail(diskFailure(path, error));
  }
}

const TEMPORARY = '.writing';

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), ownedName(TEMPORARY));
  try {
    await writeFile(temporary, text, { flush: true });
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes derived locks that were not used since then, and what killed runs left half written; gives how many locks went. */
export async function sweepDerived(home: string, unusedSinceSeconds: number): Promise<number> {
  const root = join(home, 'derived');
  let removed = 0;
  for (const name of await readdir(root).catch(() => [])) {
    const folder = join(root, name);
    const files = await readdir(folder).catch(() => []);
    const writing = files.filter((file) => prefixOf(basename(file)) === TEMPORARY);
    if (writing.some(ownerMayLive)) continue;
    const usedSeconds = ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0) / 1000;
    for (const file of writing) await rm(join(folder, file), { force: true });
    if (usedSeconds >= unusedSinceSeconds) continue;
    await rm(folder, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}
