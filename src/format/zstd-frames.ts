import { malformed } from './malformed.ts';
import type { ByteReader } from './reader.ts';

const FRAME_SIGN = 0xfd2fb528;
const SKIPPED_SIGN = 0x184d2a50; // and fifteen behind it
const MOST_FRAMES = 100_000;
const PIECE_BYTES = 256 * 1024;

/**
 * The frames of a zstd file, one at a time (RFC 8878, 3.1), as zstd, pzstd and `cat` put them one behind the other: Node's decoder ends behind the first
 * one. Nothing is decoded here, blocks say how long they are. A frame must be read before the next one is asked for; skippable ones are left out.
 *
 * @throws StreamFailure (unverified-input: compressed-malformed, compressed-limit), or what reading throws
 */
export async function* zstdFrames(reader: ByteReader): AsyncGenerator<AsyncIterable<Uint8Array>> {
  for (let frames = 0; ; frames += 1) {
    const sign = Buffer.from(await reader.upTo(4));
    if (sign.length === 0 && frames > 0) return;
    if (frames === MOST_FRAMES) throw malformed('compressed-limit', `The zst data has more than ${MOST_FRAMES} frames.`);
    if (sign.length < 4) throw cutShort();
    const magic = sign.readUInt32LE(0);
    if (magic >= SKIPPED_SIGN && magic < SKIPPED_SIGN + 16) {
      await skipFrame(reader);
    } else if (magic === FRAME_SIGN) {
      let whole = false;
      const frame = async function* (): AsyncGenerator<Uint8Array> {
        yield* frameOf(sign, reader);
        whole = true;
      };
      yield frame();
      if (!whole) throw malformed('compressed-malformed', 'The zst data cannot be decompressed: a frame does not end where it says.');
    } else {
      throw malformed('compressed-malformed', 'The zst data cannot be decompressed: something else stands where a frame should start.');
    }
  }
}

async function skipFrame(reader: ByteReader): Promise<void> {
  const size = Buffer.from(await reader.upTo(4));
  if (size.length < 4 || (await reader.skip(size.readUInt32LE(0))) < size.readUInt32LE(0)) throw cutShort();
}

async function* frameOf(sign: Uint8Array, reader: ByteReader): AsyncGenerator<Uint8Array> {
  yield Uint8Array.from(sign);
  const [descriptor] = await reader.upTo(1);
  if (descriptor === undefined) throw cutShort();
  const single = (descriptor & 0x20) !== 0;
  const sizeBytes = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const header = Uint8Array.from(await reader.upTo((single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0) + sizeBytes));
  yield Buffer.concat([Uint8Array.of(descriptor), header]);
  for (let last = false; !last; ) {
    const block = Buffer.from(await reader.upTo(3));
    if (block.length < 3) throw cutShort();
    yield Uint8Array.from(block);
    const word = block.readUIntLE(0, 3);
    last = (word & 1) === 1;
    yield* exactly(((word >> 1) & 3) === 1 ? 1 : word >> 3, reader); // a block of one byte, repeated
  }
  if ((descriptor & 4) !== 0) yield* exactly(4, reader);
}

async function* exactly(bytes: number, reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; ) {
    const piece = await reader.some(Math.min(left, PIECE_BYTES));
    if (piece === undefined) throw cutShort();
    left -= piece.length;
    yield piece;
  }
}

function cutShort() {
  return malformed('compressed-malformed', 'The zst data cannot be decompressed: it is cut short.');
}
