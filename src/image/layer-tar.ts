import type { Sha256 } from '../base/digest.ts';
import { type Failure, StreamFailure } from '../base/result.ts';
import { decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { ByteReader } from '../format/reader.ts';
import { packTar, type TarInput } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import { type Layer, memberOf } from './layer.ts';
import { TREE } from './unpacked.ts';

const HELD_BYTES = 256 * 1024; // bodies up to this size are handed on in one piece

/**
 * A layer as a tar stream; its bytes follow from the layer alone. The trees of the packages are read one after the other and never held.
 *
 * @throws StreamFailure tree-missing when the store lost the unpacked form of a package
 */
export function layerTar(store: Store, layer: Layer): AsyncGenerator<Uint8Array> {
  return packTar(inputs(store, layer));
}

async function* inputs(store: Store, layer: Layer): AsyncGenerator<TarInput> {
  let open: { readonly deb: Sha256; readonly reader: ByteReader } | undefined;
  try {
    for (const node of layer.nodes) {
      const { content } = node;
      const member = memberOf(node);
      if (member.size === 0 || content === undefined) {
        yield { member };
      } else if (content.kind === 'held') {
        yield { member, body: content.bytes };
      } else if (content.kind === 'below') {
        throw new Error(`${node.path} is in a layer below.`);
      } else {
        if (open?.deb !== content.deb) {
          await open?.reader.close();
          open = { deb: content.deb, reader: new ByteReader(await treeOf(store, content.deb)) };
        }
        const { reader } = open;
        await reader.skip(content.offset - reader.offset);
        yield { member, body: member.size <= HELD_BYTES ? await reader.upTo(member.size) : pieces(reader, member.size) };
      }
    }
  } finally {
    await open?.reader.close();
  }
}

async function* pieces(reader: ByteReader, size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; ) {
    const piece = await reader.some(left);
    if (piece === undefined) return; // packTar sees that the body is too short
    left -= piece.length;
    yield piece;
  }
}

async function treeOf(store: Store, deb: Sha256): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await store.readDerived(TREE, deb);
  if (bytes === undefined) throw new StreamFailure(treeMissing(deb));
  return decompress('zst', bytes, ARCHIVE_LIMITS);
}

/** Which package's tree a failure says is missing. */
export function missingTree(failure: Failure): Sha256 | undefined {
  return failure.reason === 'tree-missing' ? (failure.details?.[0] as Sha256 | undefined) : undefined;
}

function treeMissing(deb: Sha256): Failure {
  return {
    kind: 'infrastructure',
    reason: 'tree-missing',
    message: 'The store lost the unpacked form of a package.',
    next: 'Run the command again: it is made anew.',
    details: [deb],
  };
}
