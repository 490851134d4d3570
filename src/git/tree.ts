import { escapeControl } from '../base/escape.ts';
import { StreamFailure } from '../base/result.ts';
import { decodeName } from '../format/name.ts';

/** What a tree object says of one name. */
export type TreeEntry = {
  readonly name: string; // of one path component, bytes as decodeName gives them
  readonly kind: 'file' | 'executable' | 'symlink' | 'tree' | 'commit';
  readonly id: string; // of the object
};

const KINDS: Readonly<Record<string, TreeEntry['kind']>> = {
  '100644': 'file',
  '100664': 'file', // git wrote it before 2005
  '100755': 'executable',
  '120000': 'symlink',
  '40000': 'tree',
  '160000': 'commit',
};
const NAME_BYTES = 255; // of one name on Linux

/**
 * Reads a tree object: `MODE NAME\0ID` for each entry, where the id is binary. The names are those of a working tree, so whatever could leave
 * it, or be a repository in it, is refused, as are names twice.
 *
 * @param idBytes 20 for SHA-1, 32 for SHA-256
 * @throws StreamFailure (unverified-input) git-tree
 */
export function parseTree(bytes: Uint8Array, idBytes: 20 | 32, path: string): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  const names = new Set<string>();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const zero = bytes.indexOf(0, space + 1);
    const end = zero + 1 + idBytes;
    if (space === -1 || zero === -1 || end > bytes.length || space - at > 7) throw malformed(path, 'an entry is cut short');
    const mode = Buffer.from(bytes.subarray(at, space)).toString('latin1').replace(/^0+/, '');
    const name = decodeName(bytes.subarray(space + 1, zero));
    const kind = KINDS[mode];
    if (kind === undefined) throw malformed(path, `"${name}" has the mode ${mode}`);
    if (!fits(name, zero - space - 1)) throw malformed(path, `"${name}" is no name for a file`);
    if (names.has(name)) throw malformed(path, `"${name}" is there twice`);
    names.add(name);
    entries.push({ name, kind, id: Buffer.from(bytes.subarray(zero + 1, end)).toString('hex') });
    at = end;
  }
  return entries;
}

function fits(name: string, length: number): boolean {
  return length > 0 && length <= NAME_BYTES && !name.includes('/') && name !== '.' && name !== '..' && name.toLowerCase() !== '.git';
}

export function malformed(path: string, why: string): StreamFailure {
  return new StreamFailure({
    kind: 'unverified-input',
    reason: 'git-tree',
    message: `The folder ${path === '' ? 'at the top' : escapeControl(path)} of the git tree is not usable: ${escapeControl(why)}`,
  });
}
