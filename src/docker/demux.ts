/** The output of a container as it was written: a piece of one of the two streams. */
export type Piece = { readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

/**
 * Takes apart the engine's stream of output (Engine API, "Attach to a container", stream format: 1 byte of stream, 3 of zero,
 * 4 of length in big endian, then the bytes). Gives every byte, in order, as soon as it is here. Throws when the stream ends inside of a
 * frame or is not in this format.
 */
export async function* demux(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let header = Buffer.alloc(0);
  let left = 0; // bytes of the current frame that are still to come
  let name: Piece['stream'] = 'stdout';
  for await (const piece of stream) {
    let rest = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    while (rest.length > 0) {
      if (left === 0) {
        const wanted = 8 - header.length;
        header = Buffer.concat([header, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (header.length < 8) break;
        const [kind = -1] = header;
        if (kind > 2 || header.readUIntBE(1, 3) !== 0) throw new Error('the engine sent output in an unknown format');
        name = kind === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      } else {
        const bytes = rest.subarray(0, left);
        left -= bytes.length;
        rest = rest.subarray(bytes.length);
        yield { stream: name, bytes };
      }
    }
  }
  if (left > 0 || header.length > 0) throw new Error('the output of the container broke off');
}
