import type { DeepLook, DeepNode } from '../deep/types.ts';
import { printedLines } from './html-lines.ts';
import { html, joined, type Markup } from './markup.ts';
import { secondsText } from './units.ts';

/** What diffoscope says of the outputs that differ. Undefined when it was not asked. */
export function deepSection(looks: readonly DeepLook[] | undefined): Markup | undefined {
  if (looks === undefined || looks.length === 0) return undefined;
  return html`<section id="deep" aria-labelledby="deep-title">
<h2 id="deep-title">Deep view</h2>
<p class="lead">What diffoscope says of what differs. It ran in a container without network and had no part in the verdict.</p>
<p class="tools" data-script hidden><label>Find <input type="search" data-filter="deep-trees" placeholder="path or line" autocomplete="off" spellcheck="false"></label> <span class="soft" role="status" data-found="deep-trees"></span></p>
<div id="deep-trees">${joined(looks.map(lookMarkup))}</div>
</section>`;
}

function lookMarkup(look: DeepLook): Markup {
  const { name, given, tool, wallSeconds, message, missing, tree, end } = look;
  const what = given.length === 0 ? 'the whole file' : `${given.length} ${given.length === 1 ? 'file' : 'files'} of it`;
  return html`<div class="artefact"><h3>${name}</h3>
<p class="soft">${tool ?? 'diffoscope'} looked into ${what} for ${secondsText(wallSeconds)}${end === 'equal' ? ' and finds no difference' : undefined}.${filesMarkup(look)}</p>
${message === null ? undefined : html`<p><b>Not whole:</b> ${message}</p>`}
${missing.length === 0 ? undefined : html`<p>Helpers that it missed:${joined(missing.map(helper))}</p>`}
${tree === null ? undefined : html`<ul class="tree">${joined(outermost(tree).map((node, index) => nodeMarkup(node, index === 0)))}</ul>`}</div>`;
}

/** What it compared stands in the heading: its root is left out where it says nothing more. */
function outermost(tree: DeepNode): readonly DeepNode[] {
  return tree.lines.length === 0 && tree.comments.length === 0 && tree.inside.length > 0 ? tree.inside : [tree];
}

function filesMarkup({ files }: DeepLook): Markup | undefined {
  const there = (['html', 'txt', 'json'] as const).flatMap((form) => {
    const path = files[form];
    return path === undefined ? [] : [html` <a href="${path.split('/').map(encodeURIComponent).join('/')}">${form}</a>`];
  });
  return there.length === 0 ? undefined : html` Its own report:${joined(there)}`;
}

function helper({ helper: name, package: wanted }: DeepLook['missing'][number]): Markup {
  return html` <span class="tag">${name}${wanted === null ? undefined : ` (${wanted})`}</span>`;
}

function nodeMarkup({ first, second, comments, lines, more, inside, left }: DeepNode, open: boolean): Markup {
  const way = html`<span class="way">${first === second || second === '' ? first : `${first} | ${second}`}</span>`;
  const count =
    inside.length > 0 ? html` <span class="count">${inside.length}<span class="unseen"> places inside</span></span>` : undefined;
  const beyond = more + left > 0 ? html`<p class="soft">and ${more > 0 ? `${more} more lines` : `${left} more places`}</p>` : undefined;
  const own = html`${joined(comments.map((comment) => html`<p class="soft">${comment}</p>`))}${lines.length > 0 ? printedLines(lines) : undefined}${beyond}`;
  const below =
    inside.length > 0
      ? html`<ul class="tree">${joined(inside.map((node, index) => nodeMarkup(node, open && index === 0)))}</ul>`
      : undefined;
  return html`<li${inside.length === 0 ? html` class="leaf"` : undefined}><details${open ? html` open` : undefined}><summary><span class="line">${way}${count}</span></summary><div class="inside">${own}</div>${below}</details></li>`;
}
