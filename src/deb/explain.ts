import { StreamFailure } from '../base/result.ts';
import { decompress } from '../format/compress.ts';
import type { ArchiveLimits } from '../format/limits.ts';
import { ByteReader } from '../format/reader.ts';
import { TooManyAside } from './asides.ts';
import { type ContentDifference, compareContent, firstDifference } from './content.ts';
import { type Form, formOf, HEAD_BYTES, membersOf } from './members.ts';
import { from, heldOpening, type Opening, type Side, Unreadable } from './opening.ts';
import type { Difference } from './types.ts';
import { type Pair, walk } from './walk.ts';

/** How far a search for the reason of a difference goes. */
export type ExplainLimits = {
  readonly archive: ArchiveLimits;
  readonly depth: number; // archives and compressions within each other
  readonly differences: number; // kept in the list of one artefact
  readonly heldBytes: number; // a member that differs is looked into in memory up to this size
  readonly dives: number; // larger ones, and those at another place, are read once more: so often at most in one artefact
};

export const EXPLAIN_LIMITS: Omit<ExplainLimits, 'archive'> = { depth: 8, differences: 200, heldBytes: 4 * 1024 * 1024, dives: 8 };

type Contents = { readonly trail: readonly string[]; readonly first: Opening; readonly second: Opening; readonly depth: number };

/** Why two contents differ: a list that ends at bytes. It only explains, and holds at least one entry whenever the contents differ. */
export async function explain(
  name: string,
  first: Opening,
  second: Opening,
  limits: ExplainLimits,
): Promise<{ readonly differences: readonly Difference[]; readonly more: number }> {
  const search = new Search(limits);
  await search.look({ trail: [name], first, second, depth: 0 });
  return { differences: search.differences, more: search.more };
}

class Search {
  readonly differences: Difference[] = [];
  more = 0;
  readonly #limits: ExplainLimits;
  #dives = 0;

  constructor(limits: ExplainLimits) {
    this.#limits = limits;
  }

  get #count(): number {
    return this.differences.length + this.more;
  }

  get #full(): boolean {
    return this.differences.length >= this.#limits.differences;
  }

  #add(trail: readonly string[], what: Difference['what']): void {
    if (!this.#full) this.differences.push({ trail, what });
    else this.more += 1;
  }

  /** Compares two contents that are expected to differ, inside of what they are made of as far as that can be read. */
  async look(contents: Contents): Promise<void> {
    const { trail, first, second, depth } = contents;
    const form = depth < this.#limits.depth ? await commonForm(first, second) : undefined;
    if (form === undefined) return this.#compareBytes(contents);
    const before = this.#count;
    try {
      if (form.kind === 'compressed') {
        const opened =
          (opening: Opening): Opening =>
          () =>
            decompress(form.compression, opening(), this.#limits.archive);
        await this.look({ trail, first: opened(first), second: opened(second), depth: depth + 1 });
      } else {
        await this.#lookIntoArchive(contents, form.kind);
      }
    } catch (error) {
      if (!(error instanceof Unreadable || error instanceof TooManyAside)) throw error;
      const offset = await firstDifference(first, second);
      if (offset === undefined) return; // the same bytes, unreadable on both sides in the same way
      const why = error instanceof Unreadable ? error.failure.message : 'Too many members stand at other places.';
      const side = error instanceof Unreadable ? await this.#sides(contents, form, error.side) : 'both';
      this.#add(trail, { kind: 'unreadable', side, why, offset });
      return;
    }
    if (this.#count > before) return;
    const offset = await firstDifference(first, second);
    if (offset !== undefined) this.#add(trail, { kind: 'encoding', offset });
  }

  async #compareBytes({ trail, first, second }: Contents): Promise<void> {
    const content = await compareContent(first(), second(), 0);
    if (content !== undefined) this.#add(trail, contentOf(content));
  }

  async #lookIntoArchive({ trail, first, second, depth }: Contents, kind: 'ar' | 'tar'): Promise<void> {
    const members = (opening: Opening) => membersOf(kind, opening(), this.#limits.archive);
    const later: { readonly pair: Pair; readonly content?: ContentDifference }[] = [];
    const inside = (pair: Pair, one: Opening, two: Opening) =>
      this.look({ trail: [...trail, pair.name], first: one, second: two, depth: depth + 1 });
    const member = (opening: Opening, index: number) => memberOpening(() => members(opening), index);
    const dive = (pair: Pair) => inside(pair, member(first, pair.firstIndex), member(second, pair.secondIndex));
    await walk(members(first), members(second), this.#limits.heldBytes, {
      found: (name, what) => this.#add(name === undefined ? trail : [...trail, name], what),
      content: async (pair, content) => {
        const { held, heads } = content;
        if (this.#full || depth + 1 >= this.#limits.depth || sameForm(heads.first, heads.second) === undefined)
          this.#add([...trail, pair.name], contentOf(content));
        else if (held !== undefined) await inside(pair, heldOpening(held.first), heldOpening(held.second));
        else later.push({ pair, content });
      },
      unlocated: (pair) => later.push({ pair }),
    });
    for (const { pair, content } of later) {
      this.#dives += 1;
      if (this.#dives <= this.#limits.dives && !this.#full) await dive(pair);
      else if (content !== undefined) this.#add([...trail, pair.name], contentOf(content));
      else this.more += 1;
    }
  }

  /** Whether the side that could not be read is the only one. */
  async #sides({ first, second }: Contents, form: Form, failed: Side): Promise<Side | 'both'> {
    const other = failed === 'first' ? second : first;
    const { archive } = this.#limits;
    const reading: AsyncIterator<unknown> =
      form.kind === 'compressed' ? decompress(form.compression, other(), archive) : membersOf(form.kind, other(), archive);
    try {
      while ((await reading.next()).done !== true);
      return failed;
    } catch (error) {
      if (error instanceof StreamFailure && error.failure.kind === 'unverified-input') return 'both';
      throw error;
    }
  }
}

function contentOf({ offset, first, second, firstBytes, secondBytes }: ContentDifference): Difference['what'] {
  return { kind: 'content', offset, first, second, firstBytes, secondBytes };
}

/** The form of two contents when it is the same. */
async function commonForm(first: Opening, second: Opening): Promise<Form | undefined> {
  return sameForm(await head('first', first), await head('second', second));
}

function sameForm(first: Uint8Array, second: Uint8Array): Form | undefined {
  const one = formOf(first) ?? emptyTar(first, second);
  const two = formOf(second) ?? emptyTar(second, first);
  if (one === undefined || two === undefined || one.kind !== two.kind) return undefined;
  return one.kind === 'compressed' && two.kind === 'compressed' && one.compression !== two.compression ? undefined : one;
}

/** A tar without members is nothing but zeros, and known only by what it is compared with. */
function emptyTar(head: Uint8Array, other: Uint8Array): Form | undefined {
  const zeros = head.length === HEAD_BYTES && head.every((byte) => byte === 0);
  return zeros && formOf(other)?.kind === 'tar' ? { kind: 'tar' } : undefined;
}

async function head(side: Side, opening: Opening): Promise<Uint8Array> {
  const reader = new ByteReader(opening());
  try {
    return await from(side, reader.upTo(HEAD_BYTES));
  } finally {
    await reader.close();
  }
}

/** A member of an archive as bytes that can be read again, by reading the archive again up to it. */
function memberOpening(members: () => AsyncGenerator<{ readonly body: AsyncIterable<Uint8Array> }>, wanted: number): Opening {
  return async function* read() {
    let index = 0;
    for await (const { body } of members()) {
      if (index === wanted) return yield* body;
      index += 1;
    }
  };
}
