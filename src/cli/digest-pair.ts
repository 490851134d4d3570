import { type FileHandle, open } from 'node:fs/promises';
import { type Sha256, sha256Stream } from '../base/digest.ts';

export type FileDigest = { readonly sha256: Sha256; readonly size: number };

const PIECE_BYTES = 1024 * 1024;

/**
 * The digests of two files, read in step: as long as their bytes are equal they are hashed once, and the next pieces are read meanwhile.
 *
 * @throws what the system says when one cannot be read, or the signal's reason
 */
export async function digestPair(first: string, second: string, signal: AbortSignal): Promise<readonly [FileDigest, FileDigest]> {
  await using one = await open(first);
  await using two = await open(second);
  const common = sha256Stream();
  const [a, b] = [piecesOf(one), piecesOf(two)];
  let [x, y] = await Promise.all([a(), b()]);
  while (x.length > 0 && x.length === y.length && Buffer.compare(x, y) === 0) {
    signal.throwIfAborted();
    const next = Promise.all([a(), b()]);
    common.update(x);
    [x, y] = await next;
  }
  const [left, right] = [common.fork(), common];
  const rest = async (hash: typeof left, start: Buffer, next: () => Promise<Buffer>): Promise<FileDigest> => {
    for (let piece = start; piece.length > 0; ) {
      signal.throwIfAborted();
      const following = next();
      hash.update(piece);
      piece = await following;
    }
    return { size: hash.size, sha256: hash.digest() };
  };
  return await Promise.all([rest(left, x, a), rest(right, y, b)]); // awaited here: both files are closed behind it
}

/** Reads a file piece by piece into two buffers in turns; an empty piece is its end. A piece stays as it is until the one behind the next is asked for. */
function piecesOf(file: FileHandle): () => Promise<Buffer> {
  const buffers = [Buffer.allocUnsafe(PIECE_BYTES), Buffer.allocUnsafe(PIECE_BYTES)] as const;
  let turn = 0;
  return async () => {
    const buffer = buffers[turn % 2 === 0 ? 0 : 1];
    turn += 1;
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
}
