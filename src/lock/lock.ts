import { sha256 } from '../base/digest.ts';
import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { validate } from '../recipe/schema.ts';
import { parseYaml } from '../recipe/yaml.ts';
import type { Lock, LockedFile, LockedPackage, LockedSource } from './types.ts';

/** What the last but one line of a lock starts with. */
const INTEGRITY = '  "integrity": "sha256:';

/**
 * A lock as text: JSON in a fixed order, one suite, package and file a line, LF at the end of each, so that a diff reads as a list of what
 * changed. Its last entry is the digest of the text without that entry's line.
 */
export function writeLock(lock: Lock): string {
  const lines = [
    '{',
    ...Object.entries({ schema: lock.schema, twinbuild: lock.twinbuild, for: lock.for, name: lock.name, digest: lock.digest }).map(field),
    '  "parts": {',
    ...Object.entries(lock.parts).map(
      ([name, digest], index, all) => `    ${JSON.stringify(name)}: ${JSON.stringify(digest)}${comma(index, all)}`,
    ),
    '  },',
    ...Object.entries({ architecture: lock.architecture, epoch: lock.epoch, imageEpoch: lock.imageEpoch }).map(field),
    ...list(
      'suites',
      lock.suites.map(({ archive, suite, components, date, inRelease }) => [row({ archive, suite, components, date, inRelease })]),
    ),
    ...list('packages', lock.packages.map(packageLines)),
    ...(lock.tools === undefined ? [] : list('tools', lock.tools.map(packageLines))),
    ...list('sources', lock.sources.map(sourceLines)),
  ];
  return `${lines.join('\n')}\n${INTEGRITY}${sha256(lines.join('\n'))}"\n}\n`;
}

function field([name, value]: [string, unknown]): string {
  return `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`;
}

function list(name: string, items: readonly (readonly string[])[]): string[] {
  if (items.length === 0) return [`  "${name}": [],`];
  return [
    `  "${name}": [`,
    ...items.flatMap((lines, index) => [...lines.slice(0, -1), `${lines.at(-1)}${comma(index, items)}`]).map((line) => `    ${line}`),
    '  ],',
  ];
}

function comma(index: number, all: readonly unknown[]): string {
  return index < all.length - 1 ? ',' : '';
}

/** One line of JSON with a space after each colon and comma between fields. Undefined fields are left out. */
function row(fields: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return `{${given.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`;
}

function packageLines({ layer, name, version, architecture, ...file }: LockedPackage): string[] {
  return [row({ layer, name, version, architecture, ...fileFields(file) })];
}

function fileFields({ archive, path, size, sha256 }: LockedFile): LockedFile {
  return { archive, path, size, sha256 };
}

function sourceLines(source: LockedSource): string[] {
  if (source.kind === 'folder') return [row({ kind: source.kind, directory: source.directory, sha256: source.sha256 })];
  if (source.kind === 'git') {
    const head = row({ kind: source.kind, name: source.name, ref: source.ref, directory: source.directory });
    const trees = source.trees.map(
      ({ path, url, commit, size, sha256 }, index, all) =>
        `  ${row({ path: path === '' ? undefined : path, url, commit, size, sha256 })}${comma(index, all)}`,
    );
    return [`${head.slice(0, -1)}, "trees": [`, ...trees, ']}'];
  }
  const head =
    source.kind === 'tarball'
      ? row({ kind: source.kind, directory: source.directory })
      : row({ kind: source.kind, name: source.name, version: source.version, directory: source.directory, part: source.part });
  const files = source.files.map((file, index, all) => `  ${row(fileFields(file))}${comma(index, all)}`);
  return [`${head.slice(0, -1)}, "files": [`, ...files, ']}'];
}

/**
 * Reads a lock, byte for byte as writeLock wrote it.
 *
 * @returns a usage failure with its place: lock-conflict (markers of a merge), lock-truncated, lock-malformed (no JSON, or not a lock),
 *   lock-schema (of another version of the tool), lock-edited (a byte was changed since it was written)
 */
export function parseLock(source: SourceText): Result<Lock> {
  const { text } = source;
  const marker = /^(<{7}|\|{7}|={7}|>{7})( .*)?$/m.exec(text);
  if (marker) {
    return fail(
      broken('lock-conflict', 'The lock holds the marks of a merge that was not finished', place(source, marker.index, marker[0].length)),
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(notJson(source, error as SyntaxError));
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return fail(broken('lock-malformed', 'This is not a lock', place(source, 0, 1)));
  const { schema } = value as { schema?: unknown };
  if (schema !== 1) {
    const at = placeOf(source, '  "schema"');
    if (typeof schema !== 'number') return fail(broken('lock-malformed', 'This is not a lock: it has no schema version', at));
    const message = `The lock has schema version ${schema}; this version of twinbuild reads version 1`;
    return fail({
      ...broken('lock-schema', message, at),
      next: schema > 1 ? 'Use the version of twinbuild that wrote it, or a newer one.' : NEXT,
    });
  }
  const edited = integrityProblem(source);
  if (edited) return fail(edited);
  const lock = structure(source);
  if (!lock.ok) return lock;
  const again = writeLock(lock.value);
  return again === text ? lock : fail(differsFrom(source, again));
}

const NEXT = 'Take the file back from version control, or make it anew with `twinbuild lock`.';

function broken(reason: string, message: string, at: Location): Failure {
  return { kind: 'usage', reason, message, next: NEXT, at };
}

function place(source: SourceText, start: number, length: number): Location {
  return { source, start, end: start + Math.max(1, length) };
}

function placeOf(source: SourceText, words: string): Location {
  const start = source.text.indexOf(words);
  return start === -1 ? place(source, 0, 1) : place(source, start + words.search(/\S/), words.trim().length);
}

function notJson(source: SourceText, error: SyntaxError): Failure {
  const { text } = source;
  const offset = /at position (\d+)/.exec(error.message)?.[1];
  if (text.trim() === '') return broken('lock-truncated', 'The lock is empty', place(source, 0, 1));
  // V8 gives no place for a short text, and none for a text that ends too early.
  const at = offset !== undefined ? Number(offset) : /end of JSON|Unterminated/.test(error.message) ? text.length : 0;
  if (at >= text.trimEnd().length)
    return broken('lock-truncated', 'The lock ends too early', place(source, Math.max(0, text.trimEnd().length - 1), 1));
  return { ...broken('lock-malformed', 'The lock is not JSON from here on', place(source, at, 1)), cause: error };
}

/** Whether the text has the digest that its last entry says; where it was changed, as far as that can be told. */
function integrityProblem(source: SourceText): Failure | undefined {
  const { text } = source;
  if (text.includes('\r')) {
    const at = place(source, text.indexOf('\r'), 1);
    return {
      ...broken('lock-edited', 'The lock has CR LF line ends, but was written with LF', at),
      next: 'Tell git to leave it alone: `*.lock text eol=lf` in .gitattributes.',
    };
  }
  const start = text.lastIndexOf(`\n${INTEGRITY}`);
  if (start === -1)
    return broken(
      'lock-edited',
      'The lock was edited: its `integrity` is missing',
      place(source, Math.max(0, text.trimEnd().length - 1), 1),
    );
  const said = text.slice(start + 1 + INTEGRITY.length, start + 1 + INTEGRITY.length + 64);
  if (said === sha256(text.slice(0, start))) return undefined;
  return broken(
    'lock-edited',
    'The lock was edited since it was written: its content does not have the digest that this line says',
    place(source, start + 3, INTEGRITY.length - 2 + 65),
  );
}

function structure(source: SourceText): Result<Lock> {
  const value = JSON.parse(source.text) as Lock & { integrity: string };
  // JSON is YAML, and only that parser knows places; it is slow, and therefore only asked when something is wrong.
  const plain = validate({ source, value, locate: () => place(source, 0, 1), written: () => undefined }, 'lock');
  if (!plain.ok) {
    const tree = parseYaml(source);
    const located = tree.ok ? validate(tree.value, 'lock') : tree;
    return located.ok ? plain : fail({ ...located.error, reason: 'lock-malformed', next: NEXT });
  }
  const { integrity: _, sources, ...rest } = value;
  return ok({ ...rest, sources: sources.map(completed) });
}

/** A source with the fields that its line leaves out. */
function completed(one: LockedSource): LockedSource {
  if (one.kind === 'debian' || one.kind === 'dsc') return { ...one, directory: one.directory, part: one.part };
  if (one.kind !== 'git') return { ...one, directory: one.directory };
  return { ...one, name: one.name, directory: one.directory, trees: one.trees.map((tree) => ({ ...tree, path: tree.path ?? '' })) };
}

/** The first line that is not as it would be written: order, spaces, keys that stand twice. */
function differsFrom(source: SourceText, expected: string): Failure {
  let offset = 0;
  while (offset < source.text.length && source.text[offset] === expected[offset]) offset += 1;
  const line = source.text.lastIndexOf('\n', offset - 1) + 1;
  return broken(
    'lock-edited',
    'The lock was edited: from here on it is not as twinbuild writes it',
    place(source, line, Math.max(1, source.text.indexOf('\n', line) - line)),
  );
}
