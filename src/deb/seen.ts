import { type Sha256, type Sha256Stream, sha256, sha256Stream } from '../base/digest.ts';
import { HEAD_BYTES } from './members.ts';

const TAIL_BYTES = 512;
const NOTHING = new Uint8Array(0);

/**
 * What is kept of a content that went by: its digest, its first and last bytes, and all of it when it is short. Short ones, which mostly turn out to be equal,
 * are not hashed before somebody asks.
 */
export class Seen {
  readonly #holdBytes: number;
  #hash: Sha256Stream | undefined; // once it is longer than what is to be held
  #pieces: Uint8Array[]; // until then; views
  #size: number;
  #head: Uint8Array;
  #tail: Uint8Array;

  constructor(holdBytes: number, like?: Seen) {
    this.#holdBytes = holdBytes;
    this.#hash = like === undefined ? undefined : like.#hash?.fork();
    this.#pieces = like === undefined ? [] : [...like.#pieces];
    this.#size = like?.size ?? 0;
    this.#head = like?.head ?? NOTHING;
    this.#tail = like?.tail ?? NOTHING;
  }

  get size(): number {
    return this.#size;
  }

  /** As many of the first bytes as tell a form. */
  get head(): Uint8Array {
    return this.#head;
  }

  /** The last 512 bytes. */
  get tail(): Uint8Array {
    return this.#tail;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#size += piece.length;
    this.#head = filled(this.#head, piece, HEAD_BYTES);
    this.#tail = piece.length >= TAIL_BYTES ? piece.subarray(-TAIL_BYTES) : Buffer.concat([this.#tail, piece]).subarray(-TAIL_BYTES);
    this.#hash?.update(piece);
    if (this.#hash === undefined) this.#pieces.push(piece);
    if (this.#hash !== undefined || this.#size <= this.#holdBytes) return;
    this.#hash = sha256Stream();
    for (const held of this.#pieces) this.#hash.update(held);
    this.#pieces = [];
  }

  /** A second one that has seen the same so far. */
  fork(): Seen {
    return new Seen(this.#holdBytes, this);
  }

  digest(): Sha256 {
    return this.#hash?.digest() ?? sha256(Buffer.concat(this.#pieces));
  }

  /** The whole content, or undefined when it was longer than what was to be held. */
  held(): Uint8Array | undefined {
    return this.#hash === undefined ? Buffer.concat(this.#pieces) : undefined;
  }
}

/** `start` with bytes of `piece` behind it, up to a length. */
export function filled(start: Uint8Array, piece: Uint8Array, length: number): Uint8Array {
  return start.length >= length ? start : Buffer.concat([start, piece.subarray(0, length - start.length)]);
}
