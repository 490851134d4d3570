import { sortedBy } from '../base/order.ts';
import { pageText } from './html-page.ts';
import { STYLE } from './html-style.ts';
import { countsText, type ManyReport, type PackageReport, reasonText, STATUS_WORDS, standing } from './many.ts';
import { INDEX_SCRIPT } from './many-script.ts';
import { INDEX_STYLE } from './many-style.ts';
import { html, joined, type Markup } from './markup.ts';
import { secondsText } from './units.ts';

/**
 * The index over all reports of a list, as one HTML file that needs no other. The status is chosen without JavaScript; the script adds a search and the
 * filters by kind and by cause. Links lead to the page of each package.
 */
export function manyHtml(report: ManyReport): string {
  const { results } = report;
  const there = (Object.keys(STATUS_WORDS) as (keyof typeof STATUS_WORDS)[]).filter((word) => report.counts[word] !== undefined);
  const good = results.length > 0 && results.every(({ status }) => status === 'reproducible');
  return pageText({
    title: `${report.name}: ${countsText(report)}`,
    styles: [STYLE, INDEX_STYLE],
    script: INDEX_SCRIPT,
    skip: 'Skip to the packages',
    body: html`<header class="verdict ${good ? 'reproducible' : 'open'}">
<p class="glyph" aria-hidden="true">${good ? '=' : '≠'}</p>
<div><p class="over">${report.list}</p><h1>${results.length} ${results.length === 1 ? 'package' : 'packages'}</h1><p class="lead">${leadText(report)}</p></div>
</header>
<main id="content">
<section id="packages" aria-labelledby="packages-title">
<h2 id="packages-title">Packages</h2>
<fieldset class="tools statuses"><legend class="unseen">Status</legend>${chosen('all', 'all', results.length, true)}${joined(there.map((word) => chosen(word, STATUS_WORDS[word], report.counts[word] ?? 0, false)))}</fieldset>
<p class="tools" data-script hidden><label>Search <input type="search" data-search placeholder="name, version, reason" autocomplete="off" spellcheck="false"></label>
${select('kind', 'Kind', distinct(results.flatMap(({ kind }) => kind ?? [])))}${select('cause', 'Cause', distinct(results.flatMap(({ causes }) => causes)))} <span class="soft" role="status" data-found></span></p>
<div class="wide" tabindex="0" role="region" aria-labelledby="packages-title"><table class="list index">
<thead><tr><th scope="col"><span class="unseen">glyph</span></th><th scope="col">package</th><th scope="col">version</th><th scope="col">kind</th><th scope="col">status</th><th scope="col" class="number">time</th><th scope="col">why</th></tr></thead>
<tbody>${joined(results.map((result) => rowOf(result)))}</tbody>
</table></div>
</section>
</main>
<footer><dl><div><dt>started</dt><dd>${report.startedAt}</dd></div><div><dt>written</dt><dd>${report.writtenAt}</dd></div><div><dt>took</dt><dd>${secondsText(report.wallSeconds)}</dd></div><div><dt>as data</dt><dd><a href="index.json">index.json</a>, <a href="junit.xml">junit.xml</a></dd></div><div><dt>twinbuild</dt><dd>${report.twinbuild}</dd></div></dl></footer>`,
  });
}

function leadText(report: ManyReport): string {
  const counts = `${countsText(report)}.`;
  if (report.stopped) return `${counts} Stopped: ${report.stopped.message}`;
  return report.complete ? counts : `${counts} Not all have been built yet.`;
}

/** A radio button that the style sheet heeds: it hides rows of another status, with no script at work. */
function chosen(word: string, label: string, count: number, checked: boolean): Markup {
  return html`<label class="choice"><input type="radio" name="status" value="${word}" id="status-${word}"${checked ? html` checked` : undefined}> ${label} <span class="count">${count}</span></label>`;
}

function select(name: string, label: string, values: readonly string[]): Markup | undefined {
  if (values.length === 0) return undefined;
  return html`<label>${label} <select data-select="${name}"><option value="">any</option>${joined(values.map((value) => html`<option>${value}</option>`))}</select></label> `;
}

function distinct(values: readonly string[]): readonly string[] {
  return sortedBy(new Set(values), (value) => value);
}

const GLYPHS: Readonly<Partial<Record<string, string>>> = { reproducible: '=', different: '≠', flaky: '~', waiting: '·', running: '·' };

function rowOf(result: PackageReport): Markup {
  const status = standing(result);
  const name =
    result.report === null || !result.report.isWellFormed()
      ? html`${result.name}`
      : html`<a href="${linkOf(result.report)}">${result.name}</a>`;
  const tries = result.tries.length > 1 ? html` <span class="soft">${result.tries.length} tries</span>` : undefined;
  return html`<tr class="s-${status}" data-kind="${result.kind ?? ''}" data-cause="${result.causes.join(',')}"><td class="glyph" aria-hidden="true">${GLYPHS[status] ?? '!'}</td><th scope="row">${name}</th><td>${result.version ?? ''}</td><td>${result.kind ?? ''}</td><td class="status">${STATUS_WORDS[status]}${tries}</td><td class="number">${result.wallSeconds === null ? '' : secondsText(result.wallSeconds)}</td><td class="why">${whyCell(result)}</td></tr>
`;
}

function whyCell(result: PackageReport): Markup {
  const reason = reasonText(result);
  if (result.different.length === 0) return html`${reason}`;
  const outputs = result.different.map(
    ({ name, places }) => html`<li>${name}${joined(places.map((place) => html`<br><span class="soft">${place}</span>`))}</li>`,
  );
  return html`<details><summary><span class="what">${reason}</span></summary><ul>${joined(outputs)}</ul></details>`;
}

/** A relative address: every part of the path is encoded by itself. */
function linkOf(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
}
