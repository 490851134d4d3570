import type { Sha256 } from '../base/digest.ts';
import type { TarType } from '../format/tar.ts';

/** Something in a root file system. */
export type Node = {
  readonly path: string; // relative to the root, no link in its folders
  readonly type: Exclude<TarType, 'character' | 'block'>;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number; // whole
  readonly link: string; // symlink: its text; hardlink: the path of another node; else ''
  readonly size: number; // of files and hardlinks; else 0
  readonly content: Content | undefined; // of files and hardlinks
  readonly owner: string; // the package's name; '' for what no package brought, CONFIGURED for what a configuration made
  readonly listed: string; // its path as the package has it, for the package's list; '' for what is in no list
};

/** Where the bytes of a file are. */
export type Content =
  | { readonly kind: 'held'; readonly bytes: Uint8Array; readonly sha256: Sha256 }
  | { readonly kind: 'below'; readonly sha256: Sha256 } // in a layer that is finished
  | { readonly kind: 'package'; readonly deb: Sha256; readonly offset: number; readonly sha256: Sha256 }; // offset in the package's tree, see unpacked.ts

/** The owner of what the configuration of a lower layer made; no package can be called so. */
export const CONFIGURED = ':configured';

/** A folder that is there before any package is. */
export function bareFolder(path: string): Node {
  return {
    path,
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
    link: '',
    size: 0,
    content: undefined,
    owner: '',
    listed: '',
  };
}

/** The folder that a path stands in; '' for the root. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childOf(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
