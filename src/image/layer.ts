import { type Sha256, sha256Stream } from '../base/digest.ts';
import { byBytes, sortedBy } from '../base/order.ts';
import type { TarMember } from '../format/tar.ts';
import { folderOf, type Node } from './node.ts';

/** A layer of an image: what it holds, in the order of its tar. */
export type Layer = {
  readonly key: Sha256; // follows from the nodes; the tar follows from them, too
  readonly nodes: readonly Node[];
};

/**
 * Puts nodes in the order of a layer's tar: folders; files in the order in which their packages' trees have them, so that each tree is
 * read once, from its start to its end; then what has no bytes, and what we wrote ourselves. Folders above a node are put in, because
 * an engine makes up those that it does not find in the layer.
 *
 * @param tree all nodes of the image
 * @param wanted the paths that belong to this layer
 * @param debs the order of the packages
 */
export function layerOf(tree: ReadonlyMap<string, Node>, wanted: Iterable<string>, debs: readonly Sha256[]): Layer {
  const paths = new Set(wanted);
  for (const path of [...paths])
    for (let above = folderOf(path); above !== '' && !paths.has(above); above = folderOf(above)) paths.add(above);
  const chosen = [...paths].flatMap((path) => tree.get(path) ?? []);
  const rank = new Map(debs.map((digest, at) => [digest, at]));
  const placeOf = ({ content }: Node): readonly [number, number] =>
    content?.kind === 'package' ? [rank.get(content.deb) ?? 0, content.offset] : [0, 0];
  const linked = settleLinks(chosen);
  const inTrees = linked.filter(({ type, content }) => type === 'file' && content?.kind === 'package');
  const others = linked.filter((node) => node.type !== 'directory' && !(node.type === 'file' && node.content?.kind === 'package'));
  const nodes = [
    ...sortedBy(
      linked.filter(({ type }) => type === 'directory'),
      ({ path }) => path,
    ),
    // Of empty files several have the same place.
    ...inTrees
      .map((node) => ({ node, place: placeOf(node) }))
      .sort((a, b) => a.place[0] - b.place[0] || a.place[1] - b.place[1] || byBytes(a.node.path, b.node.path))
      .map(({ node }) => node),
    ...sortedBy(others, ({ path }) => path),
  ];
  return { key: keyOf(nodes), nodes };
}

/**
 * Where another package took the place of a file that hard links lead to, the first of the links becomes the file, as it does on a disk:
 * what is replaced there is the name and not what it stood for.
 */
function settleLinks(nodes: readonly Node[]): readonly Node[] {
  const files = new Map(nodes.filter(({ type }) => type === 'file').map((node) => [node.path, node]));
  const heirs = new Map<string, string>();
  return nodes.map((node) => {
    if (node.type !== 'hardlink' || sameContent(files.get(node.link), node)) return node;
    const lost = `${node.owner} ${node.link}`;
    const heir = heirs.get(lost);
    if (heir !== undefined) return { ...node, link: heir };
    heirs.set(lost, node.path);
    return { ...node, type: 'file', link: '' };
  });
}

function sameContent(one: Node | undefined, other: Node): boolean {
  const [a, b] = [one?.content, other.content];
  return a?.kind === 'package' && b?.kind === 'package' && a.deb === b.deb && a.offset === b.offset && a.sha256 === b.sha256;
}

/** What a node is in a tar. */
export function memberOf(node: Node): TarMember {
  const { path, type, mode, uid, gid, mtimeSeconds, link, size } = node;
  return {
    name: path,
    type,
    mode,
    uid,
    gid,
    uname: '',
    gname: '',
    mtimeSeconds,
    size: type === 'file' ? size : 0,
    link,
    devmajor: 0,
    devminor: 0,
    pax: {},
  };
}

const FORM = 'layer 1'; // the number changes with the form of the tar

function keyOf(nodes: readonly Node[]): Sha256 {
  const hash = sha256Stream();
  const fields = nodes.map((node) => [
    node.path,
    node.type,
    node.mode,
    node.uid,
    node.gid,
    node.mtimeSeconds,
    node.link,
    node.size,
    node.content?.sha256 ?? '',
  ]);
  hash.update(Buffer.from(JSON.stringify([FORM, fields])));
  return hash.digest();
}
