/** A piece of output: bytes of the step that runs, or the line that says that the next one has begun. */
export type Cut = Uint8Array | 'next';

const LINE_FEED = 0x0a;

/**
 * The line between the outputs of two steps that share a container. A step could print it only on purpose, and would do no more than give its own output
 * another name: how a step ended is told by its status.
 *
 * @param word one that no source package knows
 */
export function markOf(word: string): string {
  return `\u001e${word}\u001e`; // RECORD SEPARATOR
}

/** Cuts a stream of output at so many marks, wherever the pieces of the stream end; later marks are output like any other. */
export class Cutter {
  readonly #mark: Buffer;
  #left: number;
  #rest: Buffer = Buffer.alloc(0); // what may be the beginning of a mark

  constructor(mark: string, marks: number) {
    this.#mark = Buffer.concat([Buffer.from(mark), Buffer.of(LINE_FEED)]);
    this.#left = marks;
  }

  /** What a further piece brings. */
  *take(piece: Uint8Array): Generator<Cut> {
    let bytes = Buffer.concat([this.#rest, piece]);
    this.#rest = Buffer.alloc(0);
    for (let at = bytes.indexOf(this.#mark); this.#left > 0 && at !== -1; at = bytes.indexOf(this.#mark)) {
      if (at > 0) yield bytes.subarray(0, at);
      yield 'next';
      this.#left -= 1;
      bytes = bytes.subarray(at + this.#mark.length);
    }
    const held = this.#left === 0 ? 0 : this.#begunAtEndOf(bytes);
    if (bytes.length > held) yield bytes.subarray(0, bytes.length - held);
    this.#rest = bytes.subarray(bytes.length - held);
  }

  /** What was held back, when nothing more comes. */
  end(): Uint8Array {
    return this.#rest;
  }

  /** How many bytes at the end are the beginning of a mark. */
  #begunAtEndOf(bytes: Buffer): number {
    for (let length = Math.min(bytes.length, this.#mark.length - 1); length > 0; length -= 1) {
      if (bytes.subarray(bytes.length - length).equals(this.#mark.subarray(0, length))) return length;
    }
    return 0;
  }
}
