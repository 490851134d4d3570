import type { Inputs } from './inputs.ts';
import { html, joined, type Markup } from './markup.ts';
import { bytesText } from './units.ts';

/** Every package and source that the builds were made from, with its digest. */
export function inputsSection(inputs: Inputs | null): Markup | undefined {
  if (inputs === null) return undefined;
  const { architecture, packages, sources, suites } = inputs;
  return html`<section id="inputs" aria-labelledby="inputs-title">
<h2 id="inputs-title">Inputs</h2>
<p class="lead">${packages.length} packages in the builder image (${architecture}), ${sources.length} source ${sources.length === 1 ? 'file' : 'files'}, from ${suites.length} signed ${suites.length === 1 ? 'suite' : 'suites'}.</p>
<p class="tools" data-script hidden><label>Search <input type="search" data-filter="inputs-tables" placeholder="name, version or digest" autocomplete="off" spellcheck="false"></label> <span class="soft" role="status" data-found="inputs-tables"></span></p>
<div id="inputs-tables">
<details open><summary><span class="line">Sources <span class="count">${sources.length}</span></span></summary>${table(
    ['file', 'size', 'sha256'],
    sources.map(
      ({ kind, file, size, sha256 }) =>
        html`<tr><th scope="row">${kind === 'folder' && file === '.' ? undefined : file} ${kind === 'folder' ? html`<span class="soft">local folder</span>` : undefined}</th>${number(size)}${digest(sha256)}</tr>`,
    ),
  )}</details>
<details><summary><span class="line">Packages <span class="count">${packages.length}</span></span></summary>${table(
    ['package', 'version', 'for', 'size', 'sha256'],
    packages.map(
      ({ name, version, architecture: built, layer, size, sha256 }) =>
        html`<tr><th scope="row">${name}<span class="soft">:${built}</span></th><td>${version}</td><td class="soft">${layer === 'base' ? 'every image' : 'this build'}</td>${number(size)}${digest(sha256)}</tr>`,
    ),
  )}</details>
<details><summary><span class="line">Suites <span class="count">${suites.length}</span></span></summary>${table(
    ['suite', 'archive', 'components', 'signed on', 'sha256 of InRelease'],
    suites.map(
      ({ suite, archive, components, date, inRelease }) =>
        html`<tr><th scope="row">${suite}</th><td>${archive}</td><td>${components.join(' ')}</td><td>${date}</td>${digest(inRelease)}</tr>`,
    ),
  )}</details>
</div>
</section>`;
}

function table(heads: readonly string[], rows: readonly Markup[]): Markup {
  const cells = heads.map((head) => html`<th scope="col"${head === 'size' ? html` class="number"` : undefined}>${head}</th>`);
  return html`<div class="wide" tabindex="0" role="region" aria-label="${heads[0]}"><table class="list"><thead><tr>${joined(cells)}</tr></thead><tbody>${joined(rows)}</tbody></table></div>`;
}

function number(bytes: number | null): Markup {
  return html`<td class="number">${bytes === null ? '–' : bytesText(bytes)}</td>`;
}

function digest(sha256: string): Markup {
  return html`<td><code class="digest">${sha256}</code></td>`;
}
