import type { Difference } from '../deb/types.ts';

/** Differences as people look for them: by the way that leads to each, from the artefact inwards. */
export type Branch = {
  readonly name: string; // of one or more links of the way: links with a single way on are drawn together
  readonly leaves: readonly Leaf[]; // what differs right here
  readonly branches: readonly Branch[];
  readonly count: number; // of leaves here and below
};
export type Leaf = { readonly difference: Difference; readonly index: number }; // index: in the list that the tree was made from

/** Between the links of a branch that stands for several. */
export const LINK = ' › ';

/** More siblings than this are put together by folder. */
const CROWD = 24;

type Growing = { readonly leaves: Leaf[]; readonly below: Map<string, Growing> };

/** Groups differences by their trails, whose first link (the artefact) is left out. Order is kept. */
export function differenceTree(differences: readonly Difference[]): Branch {
  const root = seedling();
  for (const [index, difference] of differences.entries()) {
    let at = root;
    for (const link of difference.trail.slice(1)) at = grow(at.below, link);
    at.leaves.push({ difference, index });
  }
  return branchOf('', root);
}

/** The leaf that is read the soonest: one with a small difference. `follows` tells what is a mere consequence of others: never that. */
export function smallestLeaf(differences: readonly Difference[], follows: (difference: Difference) => boolean): number | undefined {
  let best: { readonly index: number; readonly weight: number } | undefined;
  for (const [index, difference] of differences.entries()) {
    if (follows(difference)) continue;
    const weight = weightOf(difference);
    if (best === undefined || weight < best.weight) best = { index, weight };
  }
  return best?.index;
}

/** About how many lines somebody has to read; digests of members follow from the members and come last. */
function weightOf({ trail, what }: Difference): number {
  const derived = trail.at(-1) === './md5sums' ? 10_000 : 0;
  switch (what.kind) {
    case 'text':
      return (
        derived + what.hunks.reduce((sum, { lines }) => sum + lines.filter((line) => !line.startsWith(' ')).length, 0) + 100 * what.more
      );
    case 'content':
      return 50;
    case 'encoding':
      return 60;
    case 'unreadable':
      return 1000;
    default:
      return derived + 3;
  }
}

function seedling(): Growing {
  return { leaves: [], below: new Map() };
}

function grow(below: Map<string, Growing>, name: string): Growing {
  const there = below.get(name) ?? seedling();
  below.set(name, there);
  return there;
}

function branchOf(name: string, { leaves, below }: Growing): Branch {
  const [only, ...others] = below;
  if (name !== '' && leaves.length === 0 && only && others.length === 0) return branchOf(`${name}${LINK}${only[0]}`, only[1]);
  const branches = [...(below.size > CROWD ? byFolder(below) : below)].map(([link, inner]) => branchOf(link, inner));
  return { name, leaves, branches, count: leaves.length + branches.reduce((sum, { count }) => sum + count, 0) };
}

/** Members of one folder under that folder's name, where that makes the list shorter. */
function byFolder(below: ReadonlyMap<string, Growing>): ReadonlyMap<string, Growing> {
  const folders = new Map<string, Growing>();
  for (const [path, inner] of below) {
    const cut = path.lastIndexOf('/', path.length - 2) + 1;
    grow(folders, path.slice(0, cut) || '.').below.set(path.slice(cut), inner);
  }
  const [first] = folders;
  return folders.size === below.size || (folders.size === 1 && first?.[0] === '.') ? below : folders;
}
