import type { ArtefactVerdict } from '../deb/types.ts';
import { html, joined, type Markup } from './markup.ts';
import type { Report } from './report.ts';
import { verdictSentence } from './sentence.ts';
import { bytesText, secondsText } from './units.ts';

const GLYPH: Readonly<Record<Report['verdict'], string>> = {
  reproducible: '=',
  different: '≠',
  'build-failed': '!',
  timeout: '!',
  'unverified-input': '!',
  infrastructure: '!',
};

/** The verdict in one word and one sentence, with the facts that it rests on. */
export function verdictHeader(report: Report): Markup {
  return html`<header class="verdict ${report.verdict}">
<p class="glyph" aria-hidden="true">${GLYPH[report.verdict]}</p>
<div><p class="over">${report.recipe.name}</p><h1>${capital(report.verdict.replaceAll('-', ' '))}</h1><p class="lead">${verdictSentence(report)}</p></div>
</header>`;
}

/** Every output with its digest, or with both; `linked`: the files are there. */
export function outputsSection({ artefacts, builds }: Report, linked: boolean): Markup | undefined {
  if (artefacts.length === 0) return undefined;
  return html`<section id="outputs" aria-labelledby="outputs-title">
<h2 id="outputs-title">Outputs</h2>
<div class="wide" tabindex="0" role="region" aria-labelledby="outputs-title"><table class="list outputs">
<thead><tr><th scope="col"><span class="unseen">verdict</span></th><th scope="col">file</th><th scope="col" class="number">size</th><th scope="col">sha256</th></tr></thead>
<tbody>${joined(artefacts.map((artefact) => outputRow(artefact, linked ? builds.first?.folder : undefined)))}</tbody>
</table></div>
</section>`;
}

function outputRow(artefact: ArtefactVerdict, folder: string | undefined): Markup {
  const { name, verdict, first, second } = artefact;
  // A name that is not UTF-8 has no address.
  const file =
    folder !== undefined && first && name.isWellFormed()
      ? html`<a href="${`${folder}/${encodeURIComponent(name)}`}">${name}</a>`
      : html`${name}`;
  switch (verdict) {
    case 'equal':
      return row('equal', '=', 'equal', html`${file}`, [first]);
    case 'not-counted':
      return row(
        'aside',
        '·',
        'does not count',
        html`${file} <span class="soft">does not count</span>`,
        first?.sha256 === second?.sha256 ? [first] : [first, second],
      );
    case 'different':
      return row('differs', '≠', 'different', html`${file}`, [first, second]);
    case 'only-in-first':
      return row('differs', '≠', 'only in the first build', html`${file} <span class="first">only in the first build</span>`, [first]);
    case 'only-in-second':
      return row('differs', '≠', 'only in the second build', html`${file} <span class="second">only in the second build</span>`, [second]);
    default:
      return verdict satisfies never;
  }
}

function row(kind: string, glyph: string, words: string, file: Markup, sides: readonly ArtefactVerdict['first'][]): Markup {
  const two = sides.length === 2;
  const each = sides.map((side, index) => ({ side, name: index === 0 ? 'first' : 'second' }));
  const sizes = each.map(({ side, name }) => html`<span class="${two ? name : ''}">${side ? bytesText(side.size) : '–'}</span>`);
  const digests = each.map(
    ({ side, name }) =>
      html`<code class="digest ${two ? name : ''}">${two ? html`<span class="unseen">${name} </span>` : undefined}${side?.sha256 ?? '–'}</code>`,
  );
  return html`<tr class="${kind}"><td class="glyph"><span aria-hidden="true">${glyph}</span><span class="unseen">${words}</span></td><th scope="row">${file}</th><td class="number">${joined(sizes)}</td><td>${joined(digests)}</td></tr>`;
}

/** What identifies the run, for somebody who wants to do it again. */
export function factsFooter({ recipe, lock, image, epoch, startedAt, wallSeconds, twinbuild }: Report): Markup {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['recipe', recipe.digest],
    ['builds', recipe.build && recipe.build !== 'binary' ? `architecture: ${recipe.build}` : undefined],
    ...Object.entries(recipe.environment ?? {}).map(([name, value]) => [name, value] as const),
    ['lock', lock.digest ?? undefined],
    ['image', image?.replace(/^sha256:/, '') ?? undefined],
    ['SOURCE_DATE_EPOCH', epoch === null ? undefined : `${epoch}, ${isoDate(epoch)}`],
    ['started', `${startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')}, took ${secondsText(wallSeconds)}`],
    ['twinbuild', twinbuild],
  ];
  const known = facts.flatMap(([name, value]) => (value === undefined ? [] : [html`<div><dt>${name}</dt><dd>${value}</dd></div>`]));
  return html`<footer><h2 class="unseen">This run</h2><dl>${joined(known)}</dl></footer>`;
}

function isoDate(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString().replace('T', ' ').replace('.000Z', ' UTC');
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
