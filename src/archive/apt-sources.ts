import type { SourceText } from '../base/location.ts';
import { placeOf } from '../base/location.ts';
import { StreamFailure } from '../base/result.ts';
import { type Stanza, stanzasOf } from '../control/stanza.ts';

/** One archive of an apt configuration, as data: nothing of it is trusted. */
export type AptSource = {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly signedBy: string; // '' when it names no key
};

/** What could be read, and a sentence for each place that could not. */
export type AptSources = { readonly sources: readonly AptSource[]; readonly problems: readonly string[] };

/** Reads the one-line style of sources.list(5): `deb [option=value …] uri suite component …`. */
export function parseOneLine(file: SourceText): AptSources {
  const sources: AptSource[] = [];
  const problems: string[] = [];
  for (const [index, raw] of file.text.split('\n').entries()) {
    const line = raw.replace(/#.*/, '').trim();
    if (line === '') continue;
    const match = /^deb(?:-src)?\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*(.*)$/.exec(line);
    const [, options = '', uri, suite, components = ''] = match ?? [];
    if (uri === undefined || suite === undefined || (components === '' && !suite.endsWith('/'))) {
      problems.push(`${file.name}:${index + 1}: this line is no source of apt`);
      continue;
    }
    const signedBy = words(options).find((option) => /^signed-by[+]?=/i.test(option)) ?? '';
    sources.push({
      uris: [unquoted(uri)],
      suites: [unquoted(suite)],
      components: words(components).map(unquoted),
      signedBy: signedBy.replace(/^[^=]*=/, ''),
    });
  }
  return { sources, problems };
}

/** Reads the deb822 style of sources.list(5). What cannot be read ends the file there: apt would refuse all of it. */
export function parseDeb822(file: SourceText): AptSources {
  const sources: AptSource[] = [];
  try {
    for (const stanza of stanzasOf(file, { comments: true })) {
      if (isEnabled(stanza)) sources.push(sourceOf(stanza));
    }
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error;
    const { at, message } = error.failure;
    return { sources, problems: [`${at ? placeOf(at) : file.name}: ${message}`] };
  }
  return { sources, problems: [] };
}

function isEnabled(stanza: Stanza): boolean {
  // As StringToBool of apt has it.
  if (/^(no|false|without|off|disable|0)$/i.test(stanza.get('Enabled') ?? '')) return false;
  return words(stanza.get('Types')).some((type) => type === 'deb' || type === 'deb-src');
}

function sourceOf(stanza: Stanza): AptSource {
  return {
    uris: words(stanza.get('URIs')),
    suites: words(stanza.get('Suites')),
    components: words(stanza.get('Components')),
    signedBy: stanza.folded('Signed-By') ?? '',
  };
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function unquoted(word: string): string {
  return word.replace(/^"(.*)"$/, '$1');
}
