import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';

/** One field of a stanza. `value` is the text from `valueStart` on, so an offset in it is an offset in the file; comment lines in it are blanked. */
export type Field = {
  readonly name: string;
  readonly value: string; // no white space at its ends; further lines keep their line feed and indentation
  readonly start: number; // offset of the name
  readonly valueStart: number;
};

/** Whether lines that start with `#` are comments: they are in debian/control and in files of apt, not in the archive's indices. */
export type StanzaOptions = { readonly comments: boolean };

const COLON = 0x3a;
const HASH = 0x23;
const FIELD_NAME = /^[!-"$-,.-9;-~][!-9;-~]*$/; // Debian Policy 5.1: no control signs, space or colon; not `#` or `-` in front

/**
 * One paragraph of a control file (deb822(5), Debian Policy chapter 5): order of fields kept, names without case. The text of a field is cut out only
 * when it is asked for, which makes a walk through a whole Packages file cheap.
 */
export class Stanza {
  readonly source: SourceText;
  readonly start: number; // offset of the first field
  readonly end: number;
  readonly #places: readonly number[]; // name start, name end, end of the field: three numbers a field
  readonly #comments: boolean;

  constructor(source: SourceText, places: readonly number[], comments: boolean) {
    this.source = source;
    this.#places = places;
    this.#comments = comments;
    this.start = places[0] ?? 0;
    this.end = places.at(-1) ?? 0;
  }

  /** The value of a field, or undefined when there is none. */
  get(name: string): string | undefined {
    return this.field(name)?.value;
  }

  /** The first line's worth of a field whose line breaks mean nothing (folded, Policy 5.1): white space made single spaces. */
  folded(name: string): string | undefined {
    return this.get(name)?.replaceAll(/\s+/g, ' ');
  }

  /** The lines of a multi-line field such as Checksums-Sha256, trimmed, without empty ones. */
  lines(name: string): readonly string[] {
    const lines = this.get(name)?.split('\n') ?? [];
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  }

  /** A field with its place. */
  field(name: string): Field | undefined {
    const places = this.#places;
    for (let at = 0; at < places.length; at += 3) {
      if (sameName(this.source.text, places[at] ?? 0, places[at + 1] ?? 0, name)) return this.#fieldAt(at);
    }
    return undefined;
  }

  /** All fields in the order of the file. */
  fields(): readonly Field[] {
    const fields: Field[] = [];
    for (let at = 0; at < this.#places.length; at += 3) fields.push(this.#fieldAt(at));
    return fields;
  }

  /** Where a field stands, or the stanza's first line when it has no such field. */
  at(name: string): Location {
    const field = this.field(name);
    if (field !== undefined) return { source: this.source, start: field.start, end: field.valueStart + field.value.length };
    const newline = this.source.text.indexOf('\n', this.start);
    return { source: this.source, start: this.start, end: newline === -1 ? this.end : Math.min(newline, this.end) };
  }

  /** The place of a text in a field; of the whole field when it does not stand there. */
  within(name: string, text: string): Location {
    const field = this.field(name);
    const at = field === undefined || text === '' ? -1 : field.value.indexOf(text);
    if (field === undefined || at === -1) return this.at(name);
    return { source: this.source, start: field.valueStart + at, end: field.valueStart + at + text.length };
  }

  #fieldAt(at: number): Field {
    const { text } = this.source;
    const [start = 0, nameEnd = 0, end = 0] = this.#places.slice(at, at + 3);
    const raw = text.slice(nameEnd + 1, end);
    const plain = this.#comments && raw.includes('\n#') ? raw.replaceAll(/(?<=\n)#.*/g, (comment) => ' '.repeat(comment.length)) : raw;
    const value = plain.trim();
    const valueStart = nameEnd + 1 + (value === '' ? 0 : plain.length - plain.trimStart().length);
    return { name: text.slice(start, nameEnd), value, start, valueStart };
  }
}

/**
 * The stanzas of a text, one at a time.
 *
 * @throws StreamFailure (unverified-input, control-syntax or control-duplicate-field, with its place)
 */
export function* stanzasOf(source: SourceText, options: StanzaOptions): Generator<Stanza> {
  const { text } = source;
  let places: number[] = [];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 ? text.length : newline;
    const first = text.charCodeAt(at);
    const comment = first === HASH && options.comments; // belongs to the field that it stands in, if another line of that follows
    if (!comment && blankLine(text, at, end)) {
      if (places.length > 0) yield new Stanza(source, places, options.comments);
      places = [];
    } else if (!comment && isBlank(first)) {
      if (places.length === 0) throw syntax(source, at, end, 'This line continues a field, but there is none before it.');
      places[places.length - 1] = end;
    } else if (!comment) {
      places.push(at, nameEnd(source, places, at, end), end);
    }
    at = end + 1;
  }
  if (places.length > 0) yield new Stanza(source, places, options.comments);
}

/** All stanzas of a file that a person wrote. */
export function parseStanzas(source: SourceText, options: StanzaOptions): Result<readonly Stanza[]> {
  try {
    return ok([...stanzasOf(source, options)]);
  } catch (error) {
    if (!(error instanceof StreamFailure)) throw error;
    return fail({ ...error.failure, kind: 'usage' });
  }
}

/**
 * Writes a stanza. Further lines of a value must be indented already.
 *
 * @throws Error when a name or a value would not read back as it is: a bug of the caller
 */
export function formatStanza(fields: Iterable<readonly [name: string, value: string]>): string {
  let text = '';
  for (const [name, value] of fields) {
    if (!FIELD_NAME.test(name) || /\n(?![ \t]+\S)/.test(value)) throw new Error(`The field ${name} cannot be written.`);
    text += value === '' || value.startsWith('\n') ? `${name}:${value}\n` : `${name}: ${value}\n`;
  }
  return text;
}

/** Where the name of the field ends that starts the line, which must be a proper and a new one. */
function nameEnd(source: SourceText, places: readonly number[], start: number, end: number): number {
  const colon = nextColon(source.text, start, end);
  const name = source.text.slice(start, colon === -1 ? end : colon);
  if (colon === -1 || !FIELD_NAME.test(name)) throw syntax(source, start, end, 'This line is not a field: "Name: value" was expected.');
  if (hasName(source.text, places, name)) throw duplicate(source, start, colon, name);
  return colon;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}

function blankLine(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!isBlank(text.charCodeAt(at))) return false;
  return true;
}

function nextColon(text: string, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) === COLON) return at;
  return -1;
}

function hasName(text: string, places: readonly number[], name: string): boolean {
  for (let at = 0; at < places.length; at += 3) {
    if (sameName(text, places[at] ?? 0, places[at + 1] ?? 0, name)) return true;
  }
  return false;
}

/** Whether text[from, to) is the name, letters of ASCII without case. */
function sameName(text: string, from: number, to: number, name: string): boolean {
  if (to - from !== name.length) return false;
  for (let index = 0; index < name.length; index += 1) {
    const a = text.charCodeAt(from + index);
    const b = name.charCodeAt(index);
    if (a !== b && ((a | 0x20) !== (b | 0x20) || (a | 0x20) < 0x61 || (a | 0x20) > 0x7a)) return false;
  }
  return true;
}

function syntax(source: SourceText, start: number, end: number, message: string): StreamFailure {
  return failure({ kind: 'unverified-input', reason: 'control-syntax', message, at: { source, start, end } });
}

function duplicate(source: SourceText, start: number, end: number, name: string): StreamFailure {
  return failure({
    kind: 'unverified-input',
    reason: 'control-duplicate-field',
    message: `The field ${name} stands twice in one paragraph.`,
    at: { source, start, end },
  });
}

function failure(words: Failure): StreamFailure {
  return new StreamFailure(words);
}
