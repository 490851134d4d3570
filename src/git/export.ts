import type { StreamFailure } from '../base/result.ts';
import { decodeName } from '../format/name.ts';
import { PLAIN_MEMBER, packTar, type TarInput } from '../format/tar-write.ts';
import type { Commit } from './commit.ts';
import type { ObjectFormat, ObjectStream } from './objects.ts';
import { malformed, parseTree, type TreeEntry } from './tree.ts';

/** How much of a tree is taken; both are counted down while it is exported. */
export type Budget = { entries: number; bytes: number };

/** What came up while a tree was exported. */
export type Findings = {
  readonly links: { readonly path: string; readonly commit: string }[]; // submodules
  readonly pointers: string[]; // paths of LFS pointers
};

const MOST_TREE_BYTES = 64 * 1024 ** 2; // of one tree object
const DEEPEST = 200;
const HELD_BYTES = 64 * 1024; // a file up to this size goes through in one piece
const PATH_BYTES = 4096;
const POINTER = 'version https://git-lfs.github.com/spec/v1\n';

/**
 * A commit's tree as a tar: every folder before what it holds, names in git's own order, ids 0, the date of the commit on everything, mode 755 for
 * what is executable and for folders, else 644, links as links, an empty folder where a submodule is. The bytes follow from the commit alone; no
 * attribute in the tree has a say in them (`export-ignore`, `export-subst`, `text`, filters).
 *
 * @param objects the objects of the tree in the very order in which they are wanted here
 */
export function exportTree(
  objects: ObjectStream,
  { tree, seconds }: Commit,
  format: ObjectFormat,
  findings: Findings,
  budget: Budget,
): AsyncIterable<Uint8Array> {
  const idBytes = format === 'sha1' ? 20 : 32;
  return packTar(walk({ objects, idBytes, seconds, findings, budget }, tree, '', 0));
}

type Walk = {
  readonly objects: ObjectStream;
  readonly idBytes: 20 | 32;
  readonly seconds: number;
  readonly findings: Findings;
  readonly budget: Budget;
};

async function* walk(around: Walk, id: string, path: string, depth: number): AsyncGenerator<TarInput> {
  if (depth > DEEPEST) throw malformed(path, `it is more than ${DEEPEST} folders deep`);
  const entries = parseTree(await around.objects.whole(id, 'tree', MOST_TREE_BYTES), around.idBytes, path);
  for (const entry of entries) {
    const inner = `${path}${entry.name}`;
    around.budget.entries -= 1;
    if (around.budget.entries < 0) throw malformed(path, 'there are too many files');
    if (Buffer.byteLength(inner) > PATH_BYTES) throw malformed(path, 'a path is too long');
    if (entry.kind === 'tree' || entry.kind === 'commit') {
      yield { member: { ...PLAIN_MEMBER, name: inner, type: 'directory', mode: 0o755, mtimeSeconds: around.seconds } };
      if (entry.kind === 'commit') around.findings.links.push({ path: inner, commit: entry.id });
      else yield* walk(around, entry.id, `${inner}/`, depth + 1);
    } else yield await fileOf(around, entry, inner);
  }
}

async function fileOf({ objects, seconds, findings, budget }: Walk, { id, kind }: TreeEntry, name: string): Promise<TarInput> {
  const { size, body } = await objects.next(id, 'blob');
  budget.bytes -= size;
  if (budget.bytes < 0) throw malformed(name, 'the files are too large');
  const plain = { ...PLAIN_MEMBER, name, mtimeSeconds: seconds };
  if (kind === 'symlink') {
    if (size === 0 || size > PATH_BYTES) throw linkFailure(name, size);
    const target = Buffer.concat(await Array.fromAsync(body));
    if (target.includes(0)) throw linkFailure(name, size);
    return { member: { ...plain, type: 'symlink', mode: 0o777, link: decodeName(target) } };
  }
  const member = { ...plain, mode: kind === 'executable' ? 0o755 : 0o644, size };
  if (size > HELD_BYTES) return { member, body };
  const held = Buffer.concat(await Array.fromAsync(body));
  if (size < 1024 && held.toString('latin1').startsWith(POINTER)) findings.pointers.push(name);
  return { member, body: held };
}

function linkFailure(name: string, size: number): StreamFailure {
  return malformed(name, `a link to a place of ${size} bytes`);
}
