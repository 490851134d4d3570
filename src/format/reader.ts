const NOTHING = new Uint8Array(0);

/**
 * Reads a byte stream in stretches of a wanted length. What it returns are views of the pieces that the stream gave wherever that is
 * possible, so nothing is copied on the way through large bodies.
 */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = NOTHING;
  #offset = 0;
  #ended = false;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]();
  }

  /** Bytes read or skipped so far. */
  get offset(): number {
    return this.#offset;
  }

  /** The next bytes, at least one and at most `most`; undefined at the end of the stream. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#piece.length === 0) {
      if (!(await this.#more())) return undefined;
    }
    return this.#take(Math.min(most, this.#piece.length));
  }

  /** The next `length` bytes, fewer only when the stream ends before. Keep `length` small: they are held. */
  async upTo(length: number): Promise<Uint8Array> {
    if (this.#piece.length >= length) return this.#take(length);
    const pieces: Uint8Array[] = [];
    let wanted = length;
    while (wanted > 0) {
      const piece = await this.some(wanted);
      if (piece === undefined) break;
      pieces.push(piece);
      wanted -= piece.length;
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /** Skips bytes; returns how many there were to skip. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0) {
      const piece = await this.some(left);
      if (piece === undefined) break;
      left -= piece.length;
    }
    return length - left;
  }

  /** Tells the source that no more is wanted. Safe to call twice, and after the end. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#piece = NOTHING;
    await this.#source.return?.();
  }

  #take(length: number): Uint8Array {
    const taken = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(length);
    this.#offset += length;
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#source.next();
    if (next.done === true) this.#ended = true;
    else this.#piece = next.value;
    return !this.#ended;
  }
}
