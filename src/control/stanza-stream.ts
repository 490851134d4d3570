import { type Stanza, stanzasOf } from './stanza.ts';

/**
 * The stanzas of an index of the archive (Packages, Sources) as its bytes come in: no more than one paragraph and one piece of the
 * stream is held. Places in failures count from the start of such a stretch, as the file itself is nowhere kept.
 *
 * @param name how the index is called in messages
 * @throws StreamFailure as stanzasOf does, or what reading `bytes` throws
 */
export async function* readStanzas(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Stanza> {
  let held: Uint8Array[] = [];
  for await (const piece of bytes) {
    const cut = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).lastIndexOf('\n\n');
    if (cut === -1) {
      held.push(piece);
      continue;
    }
    const text = Buffer.concat([...held, piece.subarray(0, cut + 1)]).toString('utf8');
    held = [piece.subarray(cut + 1)];
    yield* stanzasOf({ name, text }, { comments: false });
  }
  yield* stanzasOf({ name, text: Buffer.concat(held).toString('utf8') }, { comments: false });
}
