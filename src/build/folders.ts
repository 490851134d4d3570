import type { Sha256 } from '../base/digest.ts';
import { sha256Of } from '../base/digest.ts';
import type { Failure, Result } from '../base/result.ts';
import { fail, failureOf, ok } from '../base/result.ts';
import type { Lock } from '../lock/types.ts';
import { folderTar } from '../recipe/folder.ts';
import type { Recipe } from '../recipe/recipe.ts';

/** A folder of this machine that a recipe names, as the canonical tar that the build gets. */
export type Folder = { readonly path: string; readonly sha256: Sha256; readonly size: number };

/** Gives the canonical tar with that digest. */
export type FolderOf = (digest: Sha256) => AsyncIterable<Uint8Array> | undefined;

/**
 * Reads every local folder and every patch series of a recipe once, to know digest and size. A source folder that is not the locked one
 * is a failure of kind unverified-input, reason `folder-changed`.
 */
export async function readFolders(recipe: Recipe, lock: Lock): Promise<Result<readonly Folder[]>> {
  const folders: Folder[] = [];
  for (const [index, source] of recipe.sources.entries()) {
    if (source.kind !== 'folder') continue;
    const folder = await readFolder(source.path);
    if (!folder.ok) return folder;
    const locked = lock.sources[index];
    if (locked?.kind !== 'folder' || locked.sha256 !== folder.value.sha256) {
      return fail<Failure>({
        kind: 'unverified-input',
        reason: 'folder-changed',
        message: `The folder ${source.path} is not what the lock says.`,
        next: 'Lock the recipe again.',
      });
    }
    folders.push(folder.value);
  }
  for (const { path } of recipe.patches) {
    const folder = await readFolder(path);
    if (!folder.ok) return folder;
    folders.push(folder.value);
  }
  return ok(folders);
}

/** How runBuild gets at the folders. They are read again, and hashed again on the way into the container. */
export function folderSource(folders: readonly Folder[]): FolderOf {
  return (digest) => {
    const folder = folders.find(({ sha256 }) => sha256 === digest);
    return folder && folderTar(folder.path);
  };
}

async function readFolder(path: string): Promise<Result<Folder>> {
  try {
    const { digest, size } = await sha256Of(folderTar(path));
    return ok({ path, sha256: digest, size });
  } catch (error) {
    return fail(failureOf(error));
  }
}
