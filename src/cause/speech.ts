import { isVaried, type Mask, shown } from './detector.ts';

/** Short words that nearly every sentence of a language has, and English has not. */
const STOP_WORDS: Readonly<Record<string, RegExp>> = {
  fr: /\b(?:le|la|les|des|du|une?|est|pas|dans|pour|avec|ou|et|aucun|fichier|dossier|de|sur|par|erreur|avertissement)\b|\bl'/gi,
  de: /\b(?:der|die|das|und|nicht|ist|ein|eine|mit|von|für|datei|oder|kein|keine|im|zu|auf|verzeichnis|fehler)\b/gi,
  es: /\b(?:el|la|los|las|del|una?|no|es|en|con|para|por|archivo|fichero|y|o|de|directorio)\b/gi,
  it: /\b(?:il|lo|la|gli|della?|una?|non|è|con|per|file|nessun|o|e|di|errore)\b/gi,
  nl: /\b(?:de|het|een|niet|is|van|met|voor|geen|bestand|of|en|map)\b/gi,
  pt: /\b(?:os?|as?|uma?|não|é|em|com|para|arquivo|ficheiro|ou|de|do|da|diretório)\b/gi,
};

/** The same of English messages of programs. */
const ENGLISH = /\b(?:the|no|not|of|in|is|a|an|only|to|and|or|for|from|with|such|cannot|file|directory|records|warning|error|found)\b/gi;

/** A message in the language of the locale. */
export const TRANSLATION_MASK: Mask = {
  name: 'translation',
  leak: 'A message in the language of the locale',
  evidence:
    'The second side has words of the language of the second locale where the first has other words, and both have the same numbers; possible when only English words are gone.',
  remedy: 'Set `export LC_ALL=C.UTF-8` in debian/rules for programs whose messages end up in an output.',
  link: 'https://reproducible-builds.org/docs/locales/',
  mask(pair, context) {
    if (!isVaried(context, 'locale') || context.second === undefined) return undefined;
    const words = STOP_WORDS[context.second.locale.slice(0, 2)];
    const { first, second } = pair;
    if (words === undefined || first === '' || second === '' || digitsOf(first) !== digitsOf(second)) return undefined;
    const [one, two] = [first.match(words)?.length ?? 0, second.match(words)?.length ?? 0];
    const accents = /[à-öø-ÿœ]/i.test(second) && !/[à-öø-ÿœ]/i.test(first);
    const english = (first.match(ENGLISH)?.length ?? 0) - (second.match(ENGLISH)?.length ?? 0);
    const likely = two - one >= 2 || (two > one && (accents || english > 0));
    if (!likely && !(english > 0 && changedWords(first, second) >= 2)) return undefined;
    const evidence = `The first build has ${shown(first)}, the second ${shown(second)}.`;
    return { pair: { first: '', second: '' }, finding: { confidence: likely ? 'likely' : 'possible', evidence, surrounding: 'locale' } };
  },
};

/** How many words of the first text the second has not. */
function changedWords(first: string, second: string): number {
  const there = new Set(second.match(/\p{L}{2,}/gu));
  return (first.match(/\p{L}{2,}/gu) ?? []).filter((word) => !there.has(word)).length;
}

/** What echo of dash prints for what echo of bash prints as it is, and the other way round. */
export const ECHO_MASK: Mask = {
  name: 'shell-echo',
  leak: 'What only one shell understands, such as `echo -e`',
  evidence:
    'The sides are the same once the backslashes of one are read as escapes, or `-e` is left out, and one build had dash and one bash as /bin/sh.',
  remedy: 'Use printf in place of `echo -e` and of echo with backslashes (Debian Policy 10.4), or `#!/bin/bash` where a script needs bash.',
  link: 'https://www.debian.org/doc/debian-policy/ch-files.html#scripts',
  mask(pair, context) {
    if (!isVaried(context, 'shell') || pair.first === '' || pair.second === '') return undefined;
    if (plain(pair.first) !== plain(pair.second)) return undefined;
    const evidence = `${shown(pair.first)} in the first build is ${shown(pair.second)} in the second, as echo of another shell prints it.`;
    return { pair: { first: '', second: '' }, finding: { confidence: 'likely', evidence, surrounding: 'shell' } };
  },
};

function plain(text: string): string {
  return text
    .replace(/^-[en]+ /, '')
    .replaceAll('\\t', '\t')
    .replaceAll(/\\[nc]$/g, '')
    .replaceAll('\\\\', '\\');
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D+/g, ' ').trim();
}
