import { type Sha256, sha256Of } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { byBytes } from '../base/order.ts';
import { StreamFailure } from '../base/result.ts';
import { memberPath } from '../format/name.ts';
import type { TarEntry, TarMember } from '../format/tar.ts';
import { PLAIN_MEMBER, type TarInput } from '../format/tar-write.ts';
import { memberOf } from './layer.ts';
import { childOf, folderOf, type Node, nameOf } from './node.ts';
import { isScratch } from './scratch.ts';

/** What the configuration changed, settled: the same on every engine and in every run. */
export type Delta = {
  readonly kept: ReadonlySet<string>; // paths whose members go into the layer as they came, apart from times
  readonly made: ReadonlyMap<string, TarMember>; // folders above them, and marks of what is gone
};

// File capabilities (setcap in a postinst) are the only extended attribute that Debian packages set.
const CAPABILITY = 'SCHILY.xattr.security.capability';

/**
 * Says what of a container's changes belongs into the layer above `tree`. Engines differ in what they call a change: whatever has the
 * content, owner and mode that the tree has is none; scratch files are none either.
 *
 * @param changed the members of what the engine called modified or added, in byte order of their paths; read once, bodies hashed
 * @param deleted paths that the engine called deleted
 */
export async function settle(
  changed: AsyncIterable<TarEntry>,
  deleted: readonly string[],
  tree: ReadonlyMap<string, Node>,
): Promise<Delta> {
  const found = new Map<string, Found>();
  for await (const { member, body } of changed) {
    const path = pathOf(member.name);
    if (path === '' || isScratch(path)) continue;
    found.set(path, { member, digest: member.type === 'file' ? (await sha256Of(body)).digest : undefined });
  }
  const kept = keptOf(found, tree);
  const made = new Map(marksOf(deleted, tree).map((name) => [name, { ...PLAIN_MEMBER, name }]));
  for (const path of [...kept, ...made.keys()]) {
    for (let above = folderOf(path); above !== '' && !kept.has(above) && !made.has(above); above = folderOf(above)) {
      const node = tree.get(above);
      if (node === undefined) throw new Error(`The engine lists ${path} but not the folder that it is in.`);
      made.set(above, memberOf(node));
    }
  }
  return { kept, made };
}

type Found = { readonly member: TarMember; readonly digest: Sha256 | undefined };

/** What differs from the tree. Names of one file stay together: what a link leads to is kept with it. */
function keptOf(found: ReadonlyMap<string, Found>, tree: ReadonlyMap<string, Node>): ReadonlySet<string> {
  const kept = new Set<string>();
  const links = new Map<string, string>();
  for (const [path, own] of found) {
    if (own.member.type === 'hardlink') links.set(path, pathOf(own.member.link));
    const { member, digest } = found.get(links.get(path) ?? path) ?? own;
    if (!sameAs(tree.get(path), member, digest)) kept.add(path);
  }
  const targets = new Set([...links].filter(([path, target]) => kept.has(path) || kept.has(target)).map(([, target]) => target));
  for (const [path, target] of links) if (targets.has(target)) kept.add(path).add(target);
  return kept;
}

/** The marks for what is gone ("Whiteouts" of the OCI image specification): one for the topmost folder only. */
function marksOf(deleted: readonly string[], tree: ReadonlyMap<string, Node>): readonly string[] {
  const gone = new Set(deleted.filter((path) => tree.has(path) && !isScratch(path)));
  return [...gone].filter((path) => !gone.has(folderOf(path))).map((path) => childOf(folderOf(path), `.wh.${nameOf(path)}`));
}

/** The members of the delta's layer, from a second reading of the same members. Times later than the epoch become the epoch. */
export async function* deltaInputs(changed: AsyncIterable<TarEntry>, delta: Delta, imageEpoch: number): AsyncGenerator<TarInput> {
  const made = [...delta.made].sort(([a], [b]) => byBytes(a, b));
  const clamped = (member: TarMember): TarMember => ({
    ...member,
    mtimeSeconds: Math.min(Math.max(0, Math.floor(member.mtimeSeconds)), imageEpoch),
  });
  for await (const { member, body } of changed) {
    const path = pathOf(member.name);
    if (!delta.kept.has(path)) continue;
    for (let next = made[0]; next !== undefined && byBytes(next[0], path) < 0; next = made[0]) {
      yield { member: clamped(next[1]) };
      made.shift();
    }
    const capability = member.pax[CAPABILITY];
    const plain = {
      ...member,
      name: path,
      link: member.type === 'hardlink' ? pathOf(member.link) : member.link,
      uname: '',
      gname: '',
      pax: capability === undefined ? {} : { [CAPABILITY]: capability },
    };
    yield member.size > 0 ? { member: clamped(plain), body } : { member: clamped(plain) };
  }
  for (const [, member] of made) yield { member: clamped(member) };
}

function pathOf(name: string): string {
  const path = memberPath(name);
  if (path === undefined)
    throw new StreamFailure({
      kind: 'build-failed',
      reason: 'configure-failed',
      message: `The configuration made a file with an unfit name, ${escapeControl(name)}.`,
    });
  return path;
}

/** Times are not compared: where nothing else changed, the packages' own are as good. */
function sameAs(node: Node | undefined, member: TarMember, digest: Sha256 | undefined): boolean {
  if (node === undefined || node.uid !== member.uid || node.gid !== member.gid) return false;
  switch (member.type) {
    case 'file':
      return (
        node.content?.sha256 === digest && node.size === member.size && node.mode === member.mode && member.pax[CAPABILITY] === undefined
      );
    case 'symlink':
      return node.type === 'symlink' && node.link === member.link;
    case 'directory':
    case 'fifo':
      return node.type === member.type && node.mode === member.mode;
    default:
      return false;
  }
}
