import { type Compression, decompress } from './compress.ts';
import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';
import { decodeZipDirectory, findZipEnd, type ZipMember } from './zip-directory.ts';

export type ZipEntry = { readonly member: ZipMember; readonly body: AsyncIterable<Uint8Array> };

const TAIL_BYTES = 128 * 1024;
const MOST_DIRECTORY_BYTES = 64 * 1024 * 1024;
const LOCAL_SIGN = 0x04034b50;
const LOCAL_BYTES = 30;
const ENCRYPTED = 1;

/**
 * Reads a zip archive (PKWARE APPNOTE; .jar, .whl, .odt too) as its central directory tells, one member at a time, in the order of the bodies. The file is
 * read two or three times. Bodies that are deflated come unpacked; those of other methods, and encrypted ones, as they stand there.
 *
 * @param open gives the bytes of the file, from their start, each time
 * @throws StreamFailure (unverified-input: zip-truncated, zip-malformed, zip-limit, or what decompress throws), or what reading throws
 */
export async function* readZip(open: () => AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<ZipEntry> {
  const members = await directoryOf(open, limits);
  const reader = new ByteReader(open());
  try {
    for (const member of members) {
      if (member.at < reader.offset) throw malformed('zip-malformed', 'The zip archive has members that overlap.');
      if (member.at + member.packedBytes > limits.totalBytes)
        throw malformed('zip-limit', `The zip archive is larger than ${limits.totalBytes} bytes.`);
      await reader.skip(member.at - reader.offset);
      const header = Buffer.from(await reader.upTo(LOCAL_BYTES));
      if (header.length < LOCAL_BYTES) throw truncated(reader);
      if (header.readUInt32LE(0) !== LOCAL_SIGN) throw malformed('zip-malformed', `There is no zip member at ${member.at}.`);
      await reader.skip(header.readUInt16LE(26) + header.readUInt16LE(28));
      const packed = new Stretch(reader, member.packedBytes, () => truncated(reader));
      const compression: Compression = member.method === 8 && (member.flags & ENCRYPTED) === 0 ? 'deflate' : 'none';
      yield { member, body: decompress(compression, packed.pieces(), limits) };
      await packed.end();
    }
  } finally {
    await reader.close();
  }
}

async function directoryOf(open: () => AsyncIterable<Uint8Array>, limits: ArchiveLimits): Promise<readonly ZipMember[]> {
  let tail = Buffer.alloc(0);
  let size = 0;
  for await (const piece of open()) {
    size += piece.length;
    tail = Buffer.concat([
      tail.subarray(Math.max(0, tail.length + piece.length - TAIL_BYTES)),
      piece.subarray(Math.max(0, piece.length - TAIL_BYTES)),
    ]);
  }
  const end = findZipEnd(tail, size - tail.length);
  if (end.size > MOST_DIRECTORY_BYTES) throw malformed('zip-limit', `The zip archive has a directory of ${end.size} bytes.`);
  const inTail = end.start - (size - tail.length);
  if (inTail >= 0) return decodeZipDirectory(tail.subarray(inTail, inTail + end.size), end.shift, limits);
  const reader = new ByteReader(open());
  try {
    await reader.skip(end.start);
    return decodeZipDirectory(Buffer.from(await reader.upTo(end.size)), end.shift, limits);
  } finally {
    await reader.close();
  }
}

function truncated(reader: ByteReader) {
  return malformed('zip-truncated', `The zip archive is cut short at ${reader.offset}.`);
}
