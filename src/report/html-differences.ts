import type { Cause } from '../cause/types.ts';
import type { Difference } from '../deb/types.ts';
import { type Branch, differenceTree, type Leaf, smallestLeaf } from './difference-tree.ts';
import { causeBox, causeTags, detail, glance } from './html-difference.ts';
import { html, joined, type Markup, markupText } from './markup.ts';
import type { ExplainedArtefact } from './report.ts';
import { CONSEQUENCE, causesAt, followsFrom } from './sentence.ts';

/** More items than this are drawn as they come into view. */
const LONG = 100;

/** What the details of all differences may take: a page must open at once, and report.json has them all. */
const MOST_DETAIL_CHARACTERS = 1_200_000;

type Drawing = {
  readonly causesOf: (trail: readonly string[]) => readonly Cause[];
  readonly open: number | undefined; // the leaf that is open from the start
  room: number; // characters that further details may take
};

/** The causes that were found, and a tree for each output that is not the same in both builds. Undefined when nothing differs. */
export function differencesSection(artefacts: readonly ExplainedArtefact[]): Markup | undefined {
  const differing = artefacts.filter(({ differences, verdict }) => differences.length > 0 || verdict === 'different');
  if (differing.length === 0) return undefined;
  const causes = differing.flatMap((artefact) => artefact.causes);
  const byTrail = Map.groupBy(causes, ({ trail }) => JSON.stringify(trail));
  const causesOf = (trail: readonly string[]): readonly Cause[] => causesAt(byTrail.get(JSON.stringify(trail)) ?? [], trail);
  const shared = { causesOf, room: MOST_DETAIL_CHARACTERS };
  return html`<section id="differences" aria-labelledby="differences-title">
<h2 id="differences-title">Differences</h2>
<p class="lead">In what is set against each other, <b class="first">− is the first build</b> and <b class="second">+ the second</b>.</p>
${causesList(causes)}
<p class="tools" data-script hidden><label>Filter <input type="search" data-filter="tree" placeholder="path or cause" autocomplete="off" spellcheck="false"></label>
<button type="button" data-unfold="tree">Open all</button> <button type="button" data-fold="tree">Close all</button> <span class="soft" role="status" data-found="tree"></span></p>
<div id="tree">${joined(differing.map((artefact) => artefactTree(artefact, shared)))}</div>
</section>`;
}

/** One box for each cause and surrounding, the surest first; where it was found stands in the tree. */
function causesList(causes: readonly Cause[]): Markup | undefined {
  const groups = [
    ...Map.groupBy(
      causes.filter(({ name }) => name !== CONSEQUENCE),
      ({ name, confidence, surrounding }) => `${name} ${confidence} ${surrounding}`,
    ).values(),
  ];
  if (groups.length === 0) return undefined;
  const ordered = (['certain', 'likely', 'possible'] as const).flatMap((sure) => groups.filter(([one]) => one?.confidence === sure));
  return html`<div class="causes">${joined(ordered.flatMap((group) => (group[0] ? [causeBox(group[0], group.length)] : [])))}</div>`;
}

function artefactTree(artefact: ExplainedArtefact, shared: Omit<Drawing, 'open'>): Markup {
  const { name, differences, more } = artefact;
  const tree = differenceTree(differences);
  // The room is one for all trees of the page.
  const drawing: Drawing = { causesOf: shared.causesOf, open: smallestLeaf(differences, followsFrom(artefact.causes)), room: shared.room };
  const body = branchBody(tree, drawing);
  shared.room = drawing.room;
  const count = `${tree.count + more} difference${tree.count + more === 1 ? '' : 's'}`;
  return html`<div class="artefact"><h3>${name}</h3><p class="soft">${count}${more > 0 ? `, of which the first ${tree.count} are listed` : ''}</p>${body}</div>`;
}

function branchBody(branch: Branch, drawing: Drawing): Markup {
  const leaves = branch.leaves.map((leaf) => html`<li class="leaf">${leafMarkup(undefined, leaf, drawing)}</li>`);
  const branches = branch.branches.map((inner) => {
    const [leaf] = inner.leaves;
    if (leaf && inner.count === 1) return html`<li class="leaf">${leafMarkup(inner.name, leaf, drawing)}</li>`;
    const open = holds(inner, drawing.open) ? html` open` : undefined;
    return html`<li><details${open}><summary><span class="line"><span class="way">${inner.name}</span> <span class="count">${inner.count}<span class="unseen"> differences</span></span></span></summary>${branchBody(inner, drawing)}</details></li>`;
  });
  const items = [...leaves, ...branches];
  return html`<ul class="tree${items.length > LONG ? ' long' : undefined}">${joined(items)}</ul>`;
}

function leafMarkup(way: string | undefined, { difference, index }: Leaf, drawing: Drawing): Markup {
  const causes = drawing.causesOf(difference.trail);
  const line = html`${way === undefined ? undefined : html`<span class="way">${way}</span> `}<span class="what">${glance(difference.what)}</span>${causeTags(causes)}`;
  const inside = leafDetail(difference, causes, drawing);
  if (inside === undefined) return html`<span class="line">${line}</span>`;
  return html`<details${index === drawing.open ? html` open` : undefined}><summary><span class="line">${line}</span></summary><div class="inside">${inside}</div></details>`;
}

function leafDetail({ what }: Difference, causes: readonly Cause[], drawing: Drawing): Markup | undefined {
  const shown = detail(what);
  if (shown === undefined && causes.length === 0) return undefined;
  const inside = html`${joined(causes.map((cause) => causeBox(cause)))}${shown}`;
  const size = markupText(inside).length;
  if (size > drawing.room) return html`<p class="soft">This page is full; report.json has both sides.</p>`;
  drawing.room -= size;
  return inside;
}

function holds({ leaves, branches }: Branch, index: number | undefined): boolean {
  return index !== undefined && (leaves.some((leaf) => leaf.index === index) || branches.some((branch) => holds(branch, index)));
}
