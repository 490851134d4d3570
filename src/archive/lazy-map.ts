import type { Stanza } from '../control/stanza.ts';
import { type IndexText, StanzaIndex } from './stanzas.ts';

/** Called once for each index that has stanzas which cannot be used. */
export type OnUnusable = (index: IndexText) => void;

type Parse<T> = (stanza: Stanza, text: IndexText) => T | undefined;

/** The stanzas of some indices by package name, each parsed when it is asked for and then kept. Names stand in the order of the indices. */
export class LazyMap<T> implements ReadonlyMap<string, readonly T[]> {
  readonly #indices: readonly StanzaIndex[];
  readonly #parse: Parse<T>;
  readonly #onUnusable: OnUnusable;
  readonly #parsed = new Map<StanzaIndex, Map<number, T | undefined>>();
  readonly #complained = new Set<StanzaIndex>();
  readonly #values = new Map<string, readonly T[]>();
  #names: ReadonlySet<string> | undefined;

  constructor(texts: readonly IndexText[], parse: Parse<T>, onUnusable: OnUnusable) {
    this.#indices = texts.map((text) => new StanzaIndex(text));
    this.#parse = parse;
    this.#onUnusable = onUnusable;
  }

  get size(): number {
    return this.#allNames().size;
  }

  has(name: string): boolean {
    return this.#indices.some(({ byName }) => byName.has(name));
  }

  get(name: string): readonly T[] | undefined {
    if (!this.has(name)) return undefined;
    const before = this.#values.get(name);
    if (before) return before;
    const values = this.#indices.flatMap((index) => this.#all(index, index.byName.get(name) ?? []));
    this.#values.set(name, values);
    return values;
  }

  /** All whose stanza has a line that begins like that. */
  having(line: string): readonly T[] {
    return this.#indices.flatMap((index) => this.#all(index, index.startsWith(line)));
  }

  forEach(call: (value: readonly T[], name: string, map: ReadonlyMap<string, readonly T[]>) => void): void {
    for (const [name, value] of this) call(value, name, this);
  }

  *entries(): Generator<[string, readonly T[]], undefined> {
    for (const name of this.#allNames()) yield [name, this.get(name) ?? []];
  }

  *keys(): Generator<string, undefined> {
    yield* this.#allNames();
  }

  *values(): Generator<readonly T[], undefined> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): Generator<[string, readonly T[]], undefined> {
    return this.entries();
  }

  #allNames(): ReadonlySet<string> {
    this.#names ??= new Set(this.#indices.flatMap(({ byName }) => [...byName.keys()]));
    return this.#names;
  }

  #all(index: StanzaIndex, starts: readonly number[]): readonly T[] {
    return starts.flatMap((start) => this.#one(index, start) ?? []);
  }

  #one(index: StanzaIndex, start: number): T | undefined {
    const parsed = this.#parsed.get(index) ?? new Map<number, T | undefined>();
    this.#parsed.set(index, parsed);
    if (parsed.has(start)) return parsed.get(start);
    const stanza = index.at(start);
    const value = stanza && this.#parse(stanza, index.text);
    parsed.set(start, value);
    if (value === undefined && !this.#complained.has(index)) {
      this.#complained.add(index);
      this.#onUnusable(index.text);
    }
    return value;
  }
}
