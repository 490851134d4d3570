import { structuredPatch } from 'diff';
import { diffLines } from './html-lines.ts';
import { html, type Markup } from './markup.ts';

/** What both builds ran: the text of the two build.sh. */
export type Scripts = { readonly first: string; readonly second: string };

/** The two build.sh set against each other: the list of what was changed, as the containers saw it. */
export function scriptsSection(scripts: Scripts | undefined): Markup | undefined {
  if (scripts === undefined) return undefined;
  const { hunks } = structuredPatch('first', 'second', scripts.first, scripts.second, undefined, undefined, { context: 2 });
  const shown = hunks.map(({ oldStart, newStart, lines }) => ({
    first: oldStart,
    second: newStart,
    lines: lines.filter((line) => !line.startsWith('\\')),
  }));
  return html`<section id="scripts" aria-labelledby="scripts-title">
<h2 id="scripts-title">What ran</h2>
<p class="lead">${
    shown.length === 0
      ? 'Both build.sh are the same.'
      : html`The two build.sh, line by line: what was <b class="first">first</b> and what was <b class="second">second</b>.`
  }</p>
${shown.length === 0 ? undefined : html`<details><summary><span class="line">first/build.sh and second/build.sh</span></summary>${diffLines(shown)}</details>`}
</section>`;
}
