import { StreamFailure } from '../base/result.ts';
import { type Stanza, stanzasOf } from '../control/stanza.ts';

const NEWLINE = 0x0a;
const USUAL = Buffer.from('Package: ');

/** A verified Packages or Sources file, and where it is from. */
export type IndexText = { readonly archive: string; readonly suite: string; readonly name: string; readonly bytes: Buffer };

/**
 * An index whose stanzas are parsed when somebody asks for one: of the 60,000 of a suite a lock needs a few hundred.
 */
export class StanzaIndex {
  readonly text: IndexText;
  /** Package names to the starts of their stanzas. */
  readonly byName: ReadonlyMap<string, readonly number[]>;
  readonly #starts: readonly number[];

  constructor(text: IndexText) {
    this.text = text;
    const byName = new Map<string, number[]>();
    const starts: number[] = [];
    for (let at = skipNewlines(text.bytes, 0); at < text.bytes.length; at = skipNewlines(text.bytes, endOf(text.bytes, at))) {
      starts.push(at);
      const name = usualName(text.bytes, at) ?? this.at(at)?.get('Package');
      if (name === undefined) continue;
      const before = byName.get(name);
      if (before) before.push(at);
      else byName.set(name, [at]);
    }
    this.byName = byName;
    this.#starts = starts;
  }

  /** The stanza at a start; undefined when it is malformed. */
  at(start: number): Stanza | undefined {
    const source = { name: this.text.name, text: this.text.bytes.toString('utf8', start, endOf(this.text.bytes, start)) };
    try {
      const [stanza, more] = [...stanzasOf(source, { comments: false })];
      return more === undefined ? stanza : undefined;
    } catch (error) {
      if (error instanceof StreamFailure) return undefined;
      throw error;
    }
  }

  /** Starts of the stanzas that have a line which begins like that (`Essential: yes`), in the order of the file. */
  startsWith(line: string): readonly number[] {
    const found: number[] = [];
    const wanted = Buffer.from(`\n${line}`);
    let index = 0;
    for (let at = this.text.bytes.indexOf(wanted); at !== -1; at = this.text.bytes.indexOf(wanted, at + 1)) {
      while ((this.#starts[index + 1] ?? Number.POSITIVE_INFINITY) <= at) index += 1;
      const start = this.#starts[index];
      if (start !== undefined && found.at(-1) !== start) found.push(start);
    }
    return found;
  }
}

function skipNewlines(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === NEWLINE) at += 1;
  return at;
}

function endOf(bytes: Buffer, start: number): number {
  const end = bytes.indexOf('\n\n', start);
  return end === -1 ? bytes.length : end;
}

/** The name when the stanza begins with it, as in every index that apt-ftparchive or dak wrote. */
function usualName(bytes: Buffer, start: number): string | undefined {
  if (!bytes.subarray(start, start + USUAL.length).equals(USUAL)) return undefined;
  const newline = bytes.indexOf(NEWLINE, start);
  return bytes.toString('latin1', start + USUAL.length, newline === -1 ? bytes.length : newline).trim();
}
