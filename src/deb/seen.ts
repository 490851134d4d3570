import { type Sha256, type Sha256Stream, sha256Stream } from '../base/digest.ts';

const HEAD_BYTES = 512;

/** What is kept of a content that went by: its digest, its first bytes, and all of it when it is short. */
export class Seen {
  readonly #hash: Sha256Stream;
  readonly #holdBytes: number;
  readonly #pieces: Uint8Array[];
  #head: Uint8Array;

  constructor(holdBytes: number, like?: Seen) {
    this.#holdBytes = holdBytes;
    this.#hash = like === undefined ? sha256Stream() : like.#hash.fork();
    this.#pieces = like === undefined ? [] : [...like.#pieces];
    this.#head = like === undefined ? new Uint8Array(0) : like.#head;
  }

  get size(): number {
    return this.#hash.size;
  }

  /** The first 512 bytes. */
  get head(): Uint8Array {
    return this.#head;
  }

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#head = filled(this.#head, piece, HEAD_BYTES);
    if (this.size <= this.#holdBytes)
      this.#pieces.push(Uint8Array.from(piece)); // a copy: a view would keep the whole piece alive
    else this.#pieces.length = 0;
  }

  /** A second one that has seen the same so far. */
  fork(): Seen {
    return new Seen(this.#holdBytes, this);
  }

  digest(): Sha256 {
    return this.#hash.digest();
  }

  /** The whole content, or undefined when it was longer than what was to be held. */
  held(): Uint8Array | undefined {
    return this.size <= this.#holdBytes ? Buffer.concat(this.#pieces) : undefined;
  }
}

/** `start` with bytes of `piece` behind it, up to a length. */
export function filled(start: Uint8Array, piece: Uint8Array, length: number): Uint8Array {
  return start.length >= length ? start : Buffer.concat([start, piece.subarray(0, length - start.length)]);
}
