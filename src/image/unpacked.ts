import type { Sha256 } from '../base/digest.ts';
import type { TarType } from '../format/tar.ts';

/**
 * What is known of a .deb once it has been unpacked: everything but the bytes of its files. Those lie one behind the other, without
 * padding, in a file of the store (kind TREE); `offset` is a place in there.
 */
export type Unpacked = {
  readonly control: string; // the control file, with one line feed at its end
  readonly preinst: string | undefined; // its text, to see whether it does nothing
  readonly triggers: string; // deb-triggers(5), '' when there are none
  readonly conffiles: readonly { readonly path: string; readonly md5: string }[]; // absolute, in the order of the conffiles file
  readonly information: readonly Information[]; // what goes to /var/lib/dpkg/info, in the order of control.tar
  readonly entries: readonly Entry[]; // in the order of data.tar, without the root folder
  readonly bytes: number; // of the tree file, uncompressed
};

/** A member of control.tar. */
export type Information = {
  readonly name: string; // postinst, md5sums …
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly size: number;
  readonly sha256: Sha256;
  readonly offset: number;
};

/** A member of data.tar, checked: no name leads out of the root. */
export type Entry = {
  readonly path: string; // as in the package: relative, no `./`, not yet below usr/
  readonly type: Exclude<TarType, 'character' | 'block'>;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number; // whole
  readonly link: string; // symlink: its text; hardlink: the path of its target, as `path`
  readonly size: number; // of files
  readonly sha256: Sha256 | undefined; // of files
  readonly offset: number; // of files
};

// Kinds of derived files in the store. The number changes with the form.
export const TREE = 'deb-tree-1';
export const INDEX = 'deb-index-1';
