import { type Sha256, sha256, sha256Of } from '../base/digest.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { memberPath } from '../format/name.ts';
import { readTar, type TarMember } from '../format/tar.ts';
import { CONFIGURED, childOf, folderOf, type Node, nameOf } from './node.ts';
import type { RootTree } from './root-tree.ts';

/**
 * Puts a finished layer of our own onto a tree.
 *
 * @param wanted paths of small files
 * @returns the text of those, by path, as far as the layer has them
 */
export async function putBelow(
  tree: RootTree,
  layer: AsyncIterable<Uint8Array>,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const { member, body } of readTar(layer, ARCHIVE_LIMITS)) {
    const path = memberPath(member.name) ?? '';
    if (nameOf(path).startsWith('.wh.')) {
      removeFrom(tree, childOf(folderOf(path), nameOf(path).slice(4)));
      continue;
    }
    const held = wanted.includes(path) ? Buffer.concat(await Array.fromAsync(body)) : undefined;
    if (held !== undefined) texts.set(path, held.toString('utf8'));
    tree.add(
      nodeOf(
        tree,
        path,
        member,
        member.type === 'file' ? (held === undefined ? await sha256Of(body) : { digest: sha256(held), size: held.length }) : undefined,
      ),
    );
  }
  return texts;
}

function nodeOf(
  tree: RootTree,
  path: string,
  member: TarMember,
  measured: { readonly digest: Sha256; readonly size: number } | undefined,
): Node {
  const { type, mode, uid, gid, mtimeSeconds, link } = member;
  if (type === 'character' || type === 'block') throw new Error(`The layer has a device, ${path}.`);
  const target = type === 'hardlink' ? tree.nodes.get(memberPath(link) ?? '') : undefined;
  const content = measured === undefined ? target?.content : ({ kind: 'below', sha256: measured.digest } as const);
  const there = tree.nodes.get(path);
  const size = measured?.size ?? target?.size ?? 0;
  return {
    path,
    type,
    mode,
    uid,
    gid,
    mtimeSeconds,
    link: type === 'hardlink' ? (memberPath(link) ?? '') : link,
    size,
    content,
    owner: there?.owner || CONFIGURED,
    listed: there?.listed ?? '',
  };
}

function removeFrom(tree: RootTree, path: string): void {
  const below = tree.nodes.get(path)?.type === 'directory' ? [...tree.nodes.keys()].filter((each) => each.startsWith(`${path}/`)) : [];
  for (const each of [path, ...below]) tree.nodes.delete(each);
}
