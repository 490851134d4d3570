import type { Why } from '../build/why-result.ts';
import type { ArtefactVerdict } from '../deb/types.ts';
import { type Bearing, bearingOf, counted, isRandom, type Tried, triedOf } from './bearing.ts';
import { html, joined, type Markup } from './markup.ts';
import type { ExplainedArtefact, Report } from './report.ts';
import { secondsText } from './units.ts';

/** A row for each change of surroundings, a column for each output that counts: what was tried, and what it did. */
export function surroundingsSection(report: Report): Markup | undefined {
  const rows = triedOf(report);
  if (rows.length === 0) return undefined;
  const outputs = counted(report.artefacts);
  return html`<section id="surroundings" aria-labelledby="surroundings-title">
<h2 id="surroundings-title">Surroundings</h2>
<p class="lead">${outputs.length > 0 ? 'What was changed for the second build, and what that did to each output.' : 'What was changed for the second build.'}</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="surroundings-title"><table class="matrix">
<thead><tr><th scope="col">changed</th>${joined(outputs.map(columnHead))}<th scope="col" class="first">first</th><th scope="col" class="second">second</th></tr></thead>
<tbody>${joined(rows.map((tried) => row(tried, outputs, report.why)))}${randomRow(outputs, report.why)}</tbody>
</table></div>
${outputs.length > 0 ? legend(report) : undefined}
${trials(report.why)}${predictionPart(report.prediction)}
</section>`;
}

/** A package by its name alone: version and architecture are the same in most columns. */
function columnHead({ name }: ArtefactVerdict): Markup {
  const short = name.replace(/^([^_]+)_.*?(\.deb|\.[a-z]+)$/, (_all, start: string, end: string) => `${start}${end === '.deb' ? '' : end}`);
  return html`<th scope="col" class="upright" title="${name}"><span>${short}</span></th>`;
}

function row(tried: Tried, outputs: readonly ExplainedArtefact[], why: Why | null): Markup {
  const values = tried.values
    ? html`<td><code>${tried.values[0]}</code></td><td><code>${tried.values[1]}</code></td>`
    : html`<td colspan="2" class="soft">not changed: ${tried.why}</td>`;
  const cells = outputs.map((artefact) => cell(bearingOf(tried, artefact, why)));
  return html`<tr id="surrounding-${tried.name}"><th scope="row">${tried.name}</th>${joined(cells)}${values}</tr>`;
}

function cell(bearing: Bearing): Markup {
  switch (bearing.kind) {
    case 'none':
      return sign('none', '·', 'made no difference');
    case 'mattered':
      return sign('mattered', bearing.sure ? '●' : '◐', `mattered: ${bearing.how}`);
    case 'unknown':
      return sign('unknown', '?', 'not known');
    case 'untried':
      return sign('untried', '–', 'not tried');
    default:
      return bearing satisfies never;
  }
}

function sign(kind: Bearing['kind'], glyph: string, words: string): Markup {
  return html`<td class="sign-${kind}" title="${words}"><span aria-hidden="true">${glyph}</span><span class="unseen">${words}</span></td>`;
}

/** What differs even where nothing was changed. */
function randomRow(outputs: readonly ExplainedArtefact[], why: Why | null): Markup | undefined {
  if (!why?.random) return undefined;
  const cells = outputs.map((artefact) =>
    isRandom(artefact, why) ? sign('mattered', '●', 'differs in the same surroundings too') : sign('none', '·', 'does not'),
  );
  return html`<tr><th scope="row">nothing</th>${joined(cells)}<td colspan="2" class="soft">built again in the same surroundings</td></tr>`;
}

/** Every build of the search for what matters. */
function trials(why: Why | null): Markup | undefined {
  if (why === null) return undefined;
  const rows = why.tried.map(
    ({ varied, artefacts, wallSeconds }) =>
      html`<tr><th scope="row">${varied.length === 0 ? 'nothing' : varied.join(', ')}</th><td>${artefacts.length === 0 ? 'equal' : `${artefacts.join(', ')} differed`}</td><td class="number">${secondsText(wallSeconds)}</td></tr>`,
  );
  return html`<details><summary><span class="line">How that was found out <span class="count">${why.builds} more builds</span></span></summary><div class="wide" tabindex="0" role="region" aria-label="builds of the search"><table class="list"><thead><tr><th scope="col">changed</th><th scope="col">outputs</th><th scope="col" class="number">wall</th></tr></thead><tbody>${joined(rows)}</tbody></table></div></details>`;
}

/** What a prediction rests on, and what it leaves out. */
function predictionPart(prediction: Report['prediction']): Markup | undefined {
  if (!prediction) return undefined;
  const rows = prediction.leavesOut.map(({ what, why }) => html`<tr><th scope="row">${what}</th><td>${why}</td></tr>`);
  return html`<p>As <code>${prediction.profile}</code>, this ${prediction.sentence}. Compared: ${prediction.compares}.</p>
<details open><summary><span class="line">What the prediction leaves out <span class="count">${rows.length}</span></span></summary><div class="wide" tabindex="0" role="region" aria-label="what the prediction leaves out"><table class="list"><tbody>${joined(rows)}</tbody></table></div></details>`;
}

function legend({ verdict, varied, notVaried, why }: Report): Markup {
  const different = verdict === 'different';
  return html`<p class="legend soft" aria-hidden="true">${varied.length > 0 ? html`<span><b class="sign-none">·</b> made no difference</span>` : undefined}${
    different
      ? html` <span><b class="sign-mattered">●</b> mattered</span> <span><b class="sign-mattered">◐</b> may have mattered</span> <span><b>?</b> not known</span>`
      : undefined
  }${notVaried.length > 0 ? html` <span><b>–</b> not tried</span>` : undefined}</p>
${different && why === null ? html`<p class="soft">All changes were made at once. The causes that were found tell which of them an output minds; <code>twinbuild repro --why</code> finds out the rest.</p>` : undefined}`;
}
