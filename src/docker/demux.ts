/** The output of a container as it was written: a piece of one of the two streams. */
export type Piece = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

const HEADER_BYTES = 8;

/**
 * Takes apart the engine's stream of output (Engine API, "Attach to a container", stream format: 1 byte of stream, 3 of zero,
 * 4 of length in big endian, then the bytes). Gives every byte, in order, as soon as it is here. Throws when the stream ends inside of a
 * frame or is not in this format.
 */
export async function* demux(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  const frames = new Frames();
  for await (const piece of stream) yield* frames.take(piece);
  if (frames.inside) throw new Error('the output of the container broke off');
}

/** The state between two pieces of the stream. */
class Frames {
  #header: Buffer = Buffer.alloc(0);
  #left = 0; // bytes of the current frame that are still to come
  #stream: Piece['stream'] = 'stdout';

  get inside(): boolean {
    return this.#left > 0 || this.#header.length > 0;
  }

  *take(piece: Uint8Array): Generator<Piece> {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    while (rest.length > 0) {
      if (this.#left === 0) {
        rest = this.#takeHeader(rest);
        continue;
      }
      const bytes = rest.subarray(0, this.#left);
      this.#left -= bytes.length;
      rest = rest.subarray(bytes.length);
      yield { stream: this.#stream, bytes };
    }
  }

  #takeHeader(bytes: Buffer<ArrayBufferLike>): Buffer<ArrayBufferLike> {
    const wanted = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, wanted)]);
    if (this.#header.length === HEADER_BYTES) {
      const [kind = -1] = this.#header;
      if (kind > 2 || this.#header.readUIntBE(1, 3) !== 0) throw new Error('the engine sent output in an unknown format');
      this.#stream = kind === 2 ? 'stderr' : 'stdout';
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(wanted);
  }
}
