import { escapeControl } from '../base/escape.ts';
import { html, joined, type Markup } from './markup.ts';
import type { Paint } from './paint.ts';

/** A package that was built with in another version than the recorded one. */
export type NearestVersion = { readonly name: string; readonly recorded: string; readonly used: string };

/** What a rebuild of something published was made from, and what it showed. The published side is the first, the rebuilt one the second. */
export type Verification = {
  readonly of: string; // name of the .buildinfo, or 'the archive'
  readonly outcome: 'reproduces' | 'toolchain' | 'different';
  readonly indicative: boolean; // the surroundings are not those of the first build: the outcome proves nothing in either direction
  readonly reasons: readonly string[]; // why it differs, a sentence each
  readonly twice: readonly string[] | null; // packages that a second build here did not give again; null: there was none
  readonly signature: 'verified' | 'unchecked' | 'none' | 'does not apply';
  readonly signedBy: readonly string[]; // fingerprints
  readonly source: string; // where the source package is from
  readonly buildPath: string;
  readonly recorded: number; // packages that were installed, as the record says
  readonly named: readonly string[]; // which signed list names how many of them
  readonly nearest: readonly NearestVersion[];
  readonly added: readonly { readonly name: string; readonly version: string; readonly why: string }[];
  readonly notes: readonly string[]; // what was not done as it was recorded, and what is worth knowing
};

/** The facts as lines for people. */
export function verificationText(verification: Verification, paint: Paint): string {
  return factsOf(verification)
    .map(([name, text]) => `${paint.dim(name.padEnd(8))}${escapeControl(text)}\n`)
    .join('');
}

/** The facts as a section of the page. */
export function verificationSection(verification: Verification | undefined): Markup | undefined {
  if (verification === undefined) return undefined;
  const rows = factsOf(verification).map(([name, text]) => html`<tr><th scope="row">${name}</th><td>${text}</td></tr>`);
  return html`<section id="rebuilt" aria-labelledby="rebuilt-title">
<h2 id="rebuilt-title">Rebuilt from</h2>
<p class="lead">First is what was published, second what was built here.</p>
<div class="wide" tabindex="0" role="region" aria-labelledby="rebuilt-title"><table class="list"><thead><tr><th scope="col">what</th><th scope="col">how</th></tr></thead><tbody>${joined(rows)}</tbody></table></div>
</section>`;
}

/** Names and sentences; text from outside is not escaped. */
export function factsOf(verification: Verification): readonly (readonly [string, string])[] {
  const { of, source, buildPath, recorded, named, nearest, added, notes, reasons } = verification;
  return [
    ['record', `${of}${signatureText(verification)}`],
    ['source', source],
    ['path', buildPath],
    ...(recorded > 0
      ? [
          [
            'image',
            `${recorded} packages recorded, ${recorded - nearest.length} of them in exactly that version: ${named.join(', ')}`,
          ] as const,
        ]
      : []),
    ...nearest.map(({ name, recorded: wanted, used }) => ['nearest', `${name} ${used} instead of ${wanted}`] as const),
    ...added.map(({ name, version, why }) => ['added', `${name} ${version}: ${why}`] as const),
    ...notes.map((note) => ['note', note] as const),
    ...reasons.map((reason) => ['because', reason] as const),
  ];
}

function signatureText({ signature, signedBy }: Verification): string {
  switch (signature) {
    case 'verified':
      return `, signed by ${signedBy.join(', ')}`;
    case 'unchecked':
      return ', signed, which was not checked: no --keyring was given';
    case 'none':
      return ', not signed: nobody vouches for it';
    case 'does not apply':
      return '';
    default:
      return signature satisfies never;
  }
}

/** What the verdict means, as a sentence. Text from outside is not escaped. */
export function verificationSentence(
  verification: Verification,
  name: string,
  counts: { readonly differing: number; readonly all: number },
): string {
  const { of, indicative, nearest, outcome } = verification;
  const { differing, all } = counts;
  const far =
    nearest.length > 0
      ? `with ${nearest.length} ${nearest.length === 1 ? 'package' : 'packages'} in another version than the recorded one`
      : 'in surroundings that are not those of the first build';
  const hedge = indicative ? `; it was built ${far}, so this is only indicative` : '';
  if (outcome === 'reproduces')
    return `${all === 1 ? 'The one package' : `All ${all} packages`} of ${name} came out as published (${of})${hedge}.`;
  const because = outcome === 'toolchain' ? ', because the toolchain changed since' : '';
  return `${differing} of ${all} ${all === 1 ? 'package' : 'packages'} of ${name} did not come out as published (${of})${because}${hedge}.`;
}
