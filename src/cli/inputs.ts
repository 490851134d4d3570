import { posix } from 'node:path';
import { urlsOf } from '../archive/places.ts';
import type { Mirrors } from '../archive/types.ts';
import { ok, type Result } from '../base/result.ts';
import { filesOf } from '../lock/files.ts';
import { addLocalFile, LOCAL } from '../lock/local.ts';
import type { Lock, LockedFile } from '../lock/types.ts';
import { localDscPath } from '../recipe/local-dsc.ts';
import type { Container, Recipe } from '../recipe/recipe.ts';
import { fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import type { Subject } from './subject.ts';
import { fetchOptions, theMirrors } from './tools.ts';
import type { World } from './world.ts';

/** Which files of a lock are wanted: those of the image, the sources, or both. */
export type Part = 'packages' | 'sources' | 'all';

/** The files of a lock, each once, and where to look for them. */
export function wantedOf(lock: Lock, part: Part, container: Container, mirrors: Mirrors): readonly Wanted[] {
  const files: LockedFile[] = [];
  if (part !== 'sources') files.push(...lock.packages);
  if (part !== 'packages') files.push(...lock.sources.flatMap(filesOf));
  return wantedFiles(files, lock, container, mirrors);
}

/** Some files of a lock, each once, and where to look for them. */
export function wantedFiles(files: readonly LockedFile[], lock: Lock, container: Container, mirrors: Mirrors): readonly Wanted[] {
  const remote = files.filter(({ archive }) => archive !== LOCAL);
  const seen = new Set<string>();
  const once = remote.filter(({ sha256 }) => !seen.has(sha256) && seen.add(sha256));
  return once.map((file) => ({
    file,
    label: posix.basename(file.path),
    ...urlsOf(file, { suites: lock.suites, mirrors, archives: container.archives }),
  }));
}

/** Fetches the files of a lock that the store does not have. */
export async function fetchLocked(world: World, subject: Subject, lock: Lock, part: Part, store: Store): Promise<Result<void>> {
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return mirrors;
  const local = part === 'packages' || subject.kind !== 'recipe' ? ok() : await addLocal(subject.recipe, lock, store);
  if (!local.ok) return local;
  return fetchFiles(store, wantedOf(lock, part, subject.container, mirrors.value), fetchOptions(world));
}

/** Puts the files of local source packages into the store, as far as it does not have them. */
async function addLocal(recipe: Recipe, lock: Lock, store: Store): Promise<Result<void>> {
  for (const [index, source] of recipe.sources.entries()) {
    const dsc = localDscPath(source);
    const locked = lock.sources[index];
    if (dsc === undefined || locked === undefined) continue;
    for (const { path, sha256, size } of filesOf(locked)) {
      if (await store.has(sha256, size)) continue;
      const added = await addLocalFile(store, dsc, path, { sha256, size });
      if (!added.ok) return added;
    }
  }
  return ok();
}
