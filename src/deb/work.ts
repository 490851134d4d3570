import type { Opening } from './opening.ts';

/** An explanation has read as much as it may. */
export class OverBudget extends Error {}

/** How many bytes an explanation may still bring forth: what bounds its time, as small files can unpack to anything. */
export class Work {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** The same bytes, counted. */
  async *metered(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      this.#left -= piece.length;
      if (this.#left < 0) throw new OverBudget();
      yield piece;
    }
  }

  opening(open: Opening): Opening {
    return () => this.metered(open());
  }
}
