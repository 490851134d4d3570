import type { Sha256 } from '../base/digest.ts';
import type { LockedFile, LockedSource } from './types.ts';

/** The files that a source is fetched as, each from an address of its own; a local folder and a tree of git are none. */
export function filesOf(source: LockedSource): readonly LockedFile[] {
  return source.kind === 'folder' || source.kind === 'git' ? [] : source.files;
}

/** The digests of what a source has in the store; a local folder has nothing there. */
export function storedOf(source: LockedSource): readonly Sha256[] {
  const files: readonly { readonly sha256: Sha256 }[] = source.kind === 'git' ? source.trees : filesOf(source);
  return files.map(({ sha256 }) => sha256);
}
