/** A file's text together with the name under which it is shown to people. */
export type SourceText = { readonly name: string; readonly text: string };

/** A stretch of a file, as offsets into its text (UTF-16 units, end excluded). Line and column are worked out late. */
export type Location = { readonly source: SourceText; readonly start: number; readonly end: number };

/** 1-based line and column of an offset; the column counts UTF-16 units. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

/** `file:line:column` of the place. */
export function placeOf(at: Location): string {
  const { line, column } = lineAndColumn(at.source.text, at.start);
  return `${at.source.name}:${line}:${column}`;
}

/**
 * The line that the place stands on and a marker under it, two lines without a newline at the end. Tabs stay tabs in the
 * marker's indentation, so that it stands under the right sign in any terminal.
 */
export function excerpt(at: Location): string {
  const { text } = at.source;
  const from = text.lastIndexOf('\n', at.start - 1) + 1;
  const newline = text.indexOf('\n', from);
  const to = newline === -1 ? text.length : newline;
  const whole = text.slice(from, to);
  // Of a very long line only what stands around the place.
  const cut = Math.max(0, whole.length <= MOST_SIGNS ? 0 : at.start - from - MOST_SIGNS / 4);
  const line = whole.slice(cut, cut + MOST_SIGNS);
  const indent = line.slice(0, at.start - from - cut).replaceAll(/[^\t]/g, ' ');
  const width = Math.max(1, Math.min(at.end, to, from + cut + line.length) - at.start);
  return `${line}\n${indent}${'^'.repeat(width)}`;
}

/** Of a line in an excerpt. */
const MOST_SIGNS = 200;
