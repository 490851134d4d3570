import type { ByteReader } from './reader.ts';

/** The next `length` bytes of a stream, as a stream of their own that is read before anything else of it. */
export class Stretch {
  readonly #reader: ByteReader;
  readonly #truncated: () => Error;
  #left: number;

  /** @param truncated what is thrown when the stream ends before */
  constructor(reader: ByteReader, length: number, truncated: () => Error) {
    this.#reader = reader;
    this.#left = length;
    this.#truncated = truncated;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const piece = await this.#reader.some(this.#left);
      if (piece === undefined) throw this.#truncated();
      this.#left -= piece.length;
      yield piece;
    }
  }

  /** Skips what was not read. */
  async end(): Promise<void> {
    const left = this.#left;
    this.#left = 0;
    if ((await this.#reader.skip(left)) < left) throw this.#truncated();
  }
}
