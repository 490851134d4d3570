import type { Cause } from '../cause/types.ts';
import type { ArtefactVerdict } from '../deb/types.ts';
import { type Bearing, bearingOf, counted, type Tried, triedOf } from './bearing.ts';
import { html, joined, type Markup } from './markup.ts';
import type { Report } from './report.ts';

/** A row for each change of surroundings, a column for each output that counts: what was tried, and what it did. */
export function surroundingsSection(report: Report, causes: readonly Cause[]): Markup | undefined {
  const rows = triedOf(report);
  if (rows.length === 0) return undefined;
  const outputs = counted(report.artefacts);
  return html`<section id="surroundings" aria-labelledby="surroundings-title">
<h2 id="surroundings-title">Surroundings</h2>
<p class="lead">What the second build had otherwise, and what that did to each output.</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="surroundings-title"><table class="matrix">
<thead><tr><th scope="col">changed</th><th scope="col" class="first">first</th><th scope="col" class="second">second</th>${joined(outputs.map(columnHead))}</tr></thead>
<tbody>${joined(rows.map((tried) => row(tried, outputs, causes)))}</tbody>
</table></div>
${outputs.length > 0 ? legend(report) : undefined}
</section>`;
}

/** A package by its name alone: version and architecture are the same in most columns. */
function columnHead({ name }: ArtefactVerdict): Markup {
  const short = name.endsWith('.deb') ? name.slice(0, name.indexOf('_') === -1 ? undefined : name.indexOf('_')) : name;
  return html`<th scope="col" class="upright" title="${name}"><span>${short}</span></th>`;
}

function row(tried: Tried, outputs: readonly ArtefactVerdict[], causes: readonly Cause[]): Markup {
  const values = tried.values
    ? html`<td><code>${tried.values[0]}</code></td><td><code>${tried.values[1]}</code></td>`
    : html`<td colspan="2" class="soft">not changed: ${tried.why}</td>`;
  const cells = outputs.map((artefact) => cell(bearingOf(tried, artefact, causes)));
  return html`<tr id="surrounding-${tried.name}"><th scope="row">${tried.name}</th>${values}${joined(cells)}</tr>`;
}

function cell(bearing: Bearing): Markup {
  switch (bearing.kind) {
    case 'none':
      return sign('none', '·', 'made no difference');
    case 'mattered':
      return sign(
        'mattered',
        bearing.cause.confidence === 'possible' ? '◐' : '●',
        `mattered: ${bearing.cause.name}, ${bearing.cause.confidence}`,
      );
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

function legend({ verdict, varied, notVaried }: Report): Markup {
  const different = verdict === 'different';
  return html`<p class="legend soft" aria-hidden="true">${varied.length > 0 ? html`<span><b class="sign-none">·</b> made no difference</span>` : undefined}${
    different
      ? html` <span><b class="sign-mattered">●</b> mattered</span> <span><b class="sign-mattered">◐</b> may have mattered</span> <span><b>?</b> not known</span>`
      : undefined
  }${notVaried.length > 0 ? html` <span><b>–</b> not tried</span>` : undefined}</p>
${different ? html`<p class="soft">All changes were made at once. Which of them an output minds is told by causes that were found; where none was, it is not known.</p>` : undefined}`;
}
