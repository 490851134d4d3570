import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { parseVersion } from '../control/version.ts';
import { isBuildOption, isProfileName } from '../recipe/environment.ts';
import { problems } from '../recipe/problems.ts';
import { parseSeconds } from '../recipe/quantity.ts';
import { nearest } from '../recipe/suggest.ts';
import type { ItemOptions, ListLine } from './types.ts';

type Word = { readonly text: string; readonly start: number; readonly end: number };

/** More than this is no list that a person or a program would write by intention. */
const MOST_LINES = 100_000;

const SOURCE_NAME = /^[a-z0-9][a-z0-9+.-]+$/; // Policy 5.6.1

/**
 * Reads a list: a target a line, options behind it, `#` begins a comment. Every problem is found at once.
 *
 * @returns the good lines, and usage failures with their place: list-malformed, list-option, list-duplicate, list-empty
 */
export function parseList(source: SourceText): { readonly lines: readonly ListLine[]; readonly wrong: readonly Failure[] } {
  const found: Failure[] = [];
  const lines: ListLine[] = [];
  const first = new Map<string, number>(); // line number of each target
  let start = 0;
  for (const [index, text] of source.text.split('\n').entries()) {
    const at = start;
    start += text.length + 1;
    const line = parseLine(source, text, at);
    if (line === undefined) continue;
    if (!line.ok) {
      found.push(...(line.error.others ?? [line.error]));
      continue;
    }
    const earlier = first.get(line.value.target);
    if (earlier === undefined) first.set(line.value.target, index + 1);
    else found.push(problem(line.value.at, 'list-duplicate', `${line.value.target} stands on line ${earlier} already`));
    lines.push(line.value);
  }
  if (lines.length > MOST_LINES)
    found.push(problem({ source, start: 0, end: 0 }, 'list-malformed', `The list has more than ${MOST_LINES} lines`));
  if (found.length > 0 || lines.length > 0) return { lines, wrong: found };
  const empty = problem({ source, start: 0, end: 0 }, 'list-empty', 'The list names nothing');
  const next = 'Write a target a line: a recipe, a path, `source:NAME[=VERSION]`, or the name of a source package.';
  return { lines, wrong: [{ ...empty, next }] };
}

function parseLine(source: SourceText, text: string, at: number): Result<ListLine> | undefined {
  const words = wordsOf(source, text, at);
  if (!words.ok) return words;
  const [target, ...rest] = words.value;
  if (target === undefined) return undefined;
  const place = (word: Word): Location => ({ source, start: word.start, end: word.end });
  const wrong: Failure[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
  if (/[\u0000-\u001f\u007f]/.test(target.text) || target.text === '')
    wrong.push(problem(place(target), 'list-malformed', 'This is no target'));
  const named = target.text.startsWith('source:') ? sourceOf(target.text.slice('source:'.length)) : undefined;
  if (target.text.startsWith('source:') && named === undefined) {
    wrong.push(problem(place(target), 'list-malformed', 'A source package is written source:NAME or source:NAME=VERSION'));
  }
  let options: ItemOptions = {};
  const said: { name: string; value: string; at: Location }[] = [];
  const seen = new Set<string>();
  for (const word of rest) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(word.text) ?? [];
    const option = OPTIONS[name];
    if (option === undefined) {
      wrong.push(unknownOption(place(word), word.text, name));
      continue;
    }
    if (seen.has(name) && !REPEATABLE.has(name)) wrong.push(problem(place(word), 'list-option', `${name}= is said twice on this line`));
    seen.add(name);
    const more = option(value, options);
    if (typeof more === 'string') wrong.push(problem(place(word), 'list-option', `${name}=${value}: ${more}`));
    else options = { ...options, ...more };
    said.push({ name, value, at: place(word) });
  }
  if (wrong.length > 0) return fail(problems(wrong));
  return ok({ target: target.text, source: named, options, at: place(target), said });
}

/** The name and the version of `NAME` or `NAME=VERSION`. */
export function sourceOf(text: string): ListLine['source'] {
  const [name = '', version, ...more] = text.split('=');
  if (!SOURCE_NAME.test(name) || more.length > 0) return undefined;
  return version === undefined || parseVersion(version) !== undefined ? { name, version } : undefined;
}

/** Words with blanks between them; one with blanks in it stands between double quotes, where a backslash takes the next sign as it is. */
function wordsOf(source: SourceText, text: string, at: number): Result<readonly Word[]> {
  const words: Word[] = [];
  const form = /[ \t\r\v\f]+|#.*$|"((?:[^"\\]|\\.)*)"(?=\s|$)|[^\s"#][^\s"]*|./gsuy;
  for (const match of text.matchAll(form)) {
    const [whole, quoted] = match;
    const start = at + match.index;
    if (/^\s/.test(whole)) continue;
    const glued = words.at(-1)?.end === start;
    if (whole.startsWith('#') && (match.index === 0 || /\s/.test(text[match.index - 1] ?? ''))) break;
    const place = { source, start, end: start + whole.length };
    if (glued) return fail(problem(place, 'list-malformed', 'A quotation mark stands at the beginning of a word and at its end'));
    if (quoted !== undefined) words.push({ text: quoted.replaceAll(/\\(.)/gs, '$1'), start, end: place.end });
    else if (whole.startsWith('"')) return fail(problem(place, 'list-malformed', 'This quotation mark has no partner'));
    else if (whole.startsWith('#')) return fail(problem(place, 'list-malformed', 'A comment begins after a blank'));
    else words.push({ text: whole, start, end: place.end });
  }
  return ok(words);
}

const REPEATABLE = new Set(['vary', 'skip']);

const OPTIONS: Readonly<Record<string, (value: string, before: ItemOptions) => ItemOptions | string>> = {
  'time-limit': (value) => {
    const timeLimitSeconds = parseSeconds(value);
    return timeLimitSeconds === undefined ? 'no time; write one such as 90s, 30m or 1h30m' : { timeLimitSeconds };
  },
  kind: (value) => (/^[A-Za-z0-9][A-Za-z0-9 +#./_-]{0,39}$/.test(value) ? { kind: value } : 'a kind is a short word'),
  vary: (value, { vary = [] }) => (value === '' ? NOTHING : { vary: [...vary, ...parts(value)] }),
  skip: (value, { skip = [] }) => (value === '' ? NOTHING : { skip: [...skip, ...parts(value)] }),
  container: (value) => (value === '' ? NOTHING : { container: value }),
  profiles: (value) => {
    const profiles = parts(value);
    const wrong = profiles.find((one) => !isProfileName(one));
    if (wrong !== undefined) return `"${wrong}" is not the name of a build profile, such as nocheck or pkg.hello.nodoc`;
    return profiles.length === 0 ? NOTHING : { profiles };
  },
  'build-options': (value) => {
    const buildOptions = parts(value);
    const wrong = buildOptions.find((one) => !isBuildOption(one) || /^parallel(=|$)/.test(one));
    if (wrong?.startsWith('parallel')) return 'parallel= follows from the cpus of each build';
    if (wrong !== undefined) return `"${wrong}" is not a word of DEB_BUILD_OPTIONS, such as nocheck`;
    return buildOptions.length === 0 ? NOTHING : { buildOptions };
  },
  build: (value) => (value === 'binary' || value === 'any' || value === 'all' ? { build: value } : 'it is one of binary, any, all'),
};
const NOTHING = 'a value is missing';

function parts(value: string): readonly string[] {
  return value.split(',').filter((part) => part !== '');
}

function unknownOption(at: Location, text: string, name: string): Failure {
  const known = Object.keys(OPTIONS);
  if (name === '') return problem(at, 'list-malformed', `${text} is neither an option nor a comment; a line has one target`);
  const near = nearest(name, known);
  const failure = problem(at, 'list-option', `There is no option ${name}=${near === undefined ? '' : `; did you mean ${near}=?`}`);
  return { ...failure, next: `The options of a line are ${known.map((each) => `${each}=`).join(', ')}.` };
}

function problem(at: Location, reason: string, message: string): Failure {
  return { kind: 'usage', reason, message, at };
}
