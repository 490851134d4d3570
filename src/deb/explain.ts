import { StreamFailure } from '../base/result.ts';
import { type Compression, decompress } from '../format/compress.ts';
import type { ArchiveLimits } from '../format/limits.ts';
import { TooManyAside } from './asides.ts';
import { type ContentDifference, compareContent, contentWhat, firstDifference, heldWhat } from './content.ts';
import { type Heads, headsOf, sameForm } from './form.ts';
import { type Leaves, leafDifferences } from './leaf.ts';
import { type ArchiveKind, type Form, type Leaf, type Member, membersOf } from './members.ts';
import { behind, heldOpening, type Opening, type Side, Unreadable } from './opening.ts';
import { headerBytes, settingDifferences } from './settings.ts';
import type { Difference } from './types.ts';
import { type Pair, walk } from './walk.ts';
import { OverBudget, Work } from './work.ts';

/** How far a search for the reason of a difference goes. */
export type ExplainLimits = {
  readonly archive: ArchiveLimits;
  readonly depth: number; // archives and compressions within each other
  readonly differences: number; // kept in the list of one artefact
  readonly heldBytes: number; // a member that differs is looked into in memory up to this size
  readonly dives: number; // larger ones, and those at another place, are read once more: so often at most in one artefact
  readonly workBytes: number; // that unpacking may bring forth in one artefact
};

/** `workBytes` is for files of no size; what compares real ones adds to it by their sizes. */
export const EXPLAIN_LIMITS: Omit<ExplainLimits, 'archive'> = {
  depth: 12,
  differences: 200,
  heldBytes: 8 * 1024 * 1024,
  dives: 8,
  workBytes: 4 * 1024 ** 3,
};

type Contents = {
  readonly trail: readonly string[];
  readonly first: Opening;
  readonly second: Opening;
  readonly depth: number;
  readonly leaf?: Leaf | undefined;
};

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
  readonly #work: Work;
  #dives = 0;

  constructor(limits: ExplainLimits) {
    this.#limits = limits;
    this.#work = new Work(limits.workBytes);
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
    const { trail, first, second, depth, leaf } = contents;
    const heads = depth < this.#limits.depth && leaf === undefined ? await headsOf(first, second) : undefined;
    if (heads?.form === undefined) return this.#lookAtLeaf(contents);
    const before = this.#count;
    try {
      if (heads.form.kind === 'compressed') return await this.#lookIntoCompressed(contents, heads, heads.form.compression);
      await this.#lookIntoArchive(contents, heads.form.kind);
    } catch (error) {
      const [why, side] = reasonOf(error);
      const offset = await firstDifference(first, second);
      if (offset === undefined) return; // the same bytes, unreadable on both sides in the same way
      this.#add(trail, { kind: 'unreadable', side: side === 'both' ? side : await this.#sides(contents, heads.form, side), why, offset });
      return;
    }
    if (this.#count > before) return;
    const offset = await firstDifference(first, second);
    if (offset !== undefined) this.#add(trail, { kind: 'encoding', offset });
  }

  async #lookAtLeaf({ trail, first, second, leaf }: Contents): Promise<void> {
    const content = await compareContent(first(), second(), this.#limits.heldBytes);
    if (content === undefined) return;
    if (content.held === undefined) return this.#add(trail, contentWhat(content));
    for (const { part, what } of meaningOf(trail.at(-1) ?? '', leaf, content.held)) {
      this.#add(part === undefined ? trail : [...trail, part], what);
    }
  }

  async #lookIntoCompressed({ trail, first, second, depth }: Contents, heads: Heads, compression: Compression): Promise<void> {
    const opened = (opening: Opening) => this.#work.opening(() => decompress(compression, opening(), this.#limits.archive));
    const before = this.#count;
    await this.look({ trail, first: opened(first), second: opened(second), depth: depth + 1 });
    const equalInside = this.#count === before;
    for (const { part, what } of settingDifferences(compression, heads.first, heads.second)) this.#add([...trail, part], what);
    if (!equalInside) return;
    const [one, two] = [headerBytes(compression, heads.first), headerBytes(compression, heads.second)];
    const offset = await firstDifference(behind(first, one), behind(second, two));
    if (offset !== undefined) this.#add(trail, { kind: 'encoding', offset: one + offset });
  }

  async #lookIntoArchive({ trail, first, second, depth }: Contents, kind: ArchiveKind): Promise<void> {
    const members = (opening: Opening) => this.#members(kind, opening);
    const later: { readonly pair: Pair; readonly content?: ContentDifference }[] = [];
    const following: (readonly [Pair, ContentDifference])[] = [];
    const before = this.#count;
    const add = (pair: Pair, content: ContentDifference) => this.#add([...trail, pair.name], contentWhat(content));
    const inside = (pair: Pair, one: Opening, two: Opening) =>
      this.look({ trail: [...trail, pair.name], first: one, second: two, depth: depth + 1, leaf: pair.leaf });
    const member = (opening: Opening, index: number) => this.#work.opening(memberOpening(() => members(opening), index));
    await walk(members(first), members(second), this.#limits.heldBytes, {
      found: (name, what) => this.#add(name === undefined ? trail : [...trail, name], what),
      content: async (pair, content) => {
        const { held, heads } = content;
        if (pair.follows) following.push([pair, content]);
        else if (this.#full) add(pair, content);
        else if (held !== undefined) await inside(pair, heldOpening(held.first), heldOpening(held.second));
        else if (pair.leaf === undefined && depth + 1 < this.#limits.depth && sameForm(heads.first, heads.second))
          later.push({ pair, content });
        else add(pair, content);
      },
      unlocated: (pair) => later.push({ pair }),
    });
    for (const { pair, content } of later) {
      this.#dives += 1;
      if (this.#dives <= this.#limits.dives && !this.#full) {
        await inside(pair, member(first, pair.firstIndex), member(second, pair.secondIndex));
      } else if (content !== undefined) add(pair, content);
      else this.more += 1;
    }
    if (this.#count === before) for (const [pair, content] of following) add(pair, content);
  }

  /** Members whose bodies are unpacked on the way are counted as work. */
  async *#members(kind: ArchiveKind, opening: Opening): AsyncGenerator<Member> {
    const members = membersOf(kind, opening, this.#limits.archive);
    if (kind !== 'zip' && kind !== 'elf') return yield* members;
    for await (const member of members) yield { ...member, body: this.#work.metered(member.body) };
  }

  /** Whether the side that could not be read is the only one. */
  async #sides({ first, second }: Contents, form: Form, failed: Side): Promise<Side | 'both'> {
    const other = failed === 'first' ? second : first;
    const reading: AsyncIterator<unknown> =
      form.kind === 'compressed'
        ? this.#work.metered(decompress(form.compression, other(), this.#limits.archive))
        : this.#members(form.kind, other);
    try {
      while ((await reading.next()).done !== true);
      return failed;
    } catch (error) {
      if (error instanceof OverBudget || (error instanceof StreamFailure && error.failure.kind === 'unverified-input')) return 'both';
      throw error;
    }
  }
}

/** Why it could not be looked inside, and of which side; throws what is not about the bytes. */
function reasonOf(error: unknown): readonly [why: string, side: Side | 'both'] {
  if (error instanceof Unreadable) return [error.failure.message, error.side];
  if (error instanceof TooManyAside) return ['Too many members stand at other places.', 'both'];
  if (error instanceof OverBudget) return ['It unpacks to more than is looked at.', 'both'];
  // A reader that was surprised by the bytes: the verdict stands without it.
  if (error instanceof RangeError) return [`It could not be read: ${error.message}`, 'both'];
  throw error;
}

function meaningOf(name: string, leaf: Leaf | undefined, held: { readonly first: Uint8Array; readonly second: Uint8Array }): Leaves {
  try {
    return leafDifferences(name, leaf, held.first, held.second);
  } catch (error) {
    if (error instanceof RangeError) return [{ what: heldWhat(held.first, held.second) }];
    throw error;
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
