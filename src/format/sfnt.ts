import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';

export type SfntTable = { readonly tag: string; readonly body: AsyncIterable<Uint8Array> };

const HEADER_BYTES = 12;
const RECORD_BYTES = 16;

/** Whether bytes start as a font of tables does: TrueType or OpenType, with a search range that fits the number of tables. */
export function isSfnt(head: Uint8Array): boolean {
  if (head.length < HEADER_BYTES + RECORD_BYTES) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  const version = bytes.readUInt32BE(0);
  const tables = bytes.readUInt16BE(4);
  const known = version === 0x00010000 || version === 0x4f54544f || version === 0x74727565; // OTTO, true
  return known && tables > 0 && bytes.readUInt16BE(6) === 16 * 2 ** (31 - Math.clz32(tables));
}

/**
 * Reads the tables of a font (OpenType, "Font file"), one at a time, in the order in which they stand in the file.
 *
 * @throws StreamFailure (unverified-input: sfnt-truncated, sfnt-malformed, sfnt-limit), or what reading `bytes` throws
 */
export async function* readSfnt(bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<SfntTable> {
  const reader = new ByteReader(bytes);
  const truncated = () => malformed('sfnt-truncated', `The font is cut short at ${reader.offset}.`);
  try {
    const header = Buffer.from(await reader.upTo(HEADER_BYTES));
    if (header.length < HEADER_BYTES) throw truncated();
    const count = header.readUInt16BE(4);
    if (count > limits.entries) throw malformed('sfnt-limit', `The font has more than ${limits.entries} tables.`);
    const directory = Buffer.from(await reader.upTo(count * RECORD_BYTES));
    if (directory.length < count * RECORD_BYTES) throw truncated();
    const tables = Array.from({ length: count }, (_, index) => ({
      tag: directory.toString('latin1', index * RECORD_BYTES, index * RECORD_BYTES + 4),
      at: directory.readUInt32BE(index * RECORD_BYTES + 8),
      length: directory.readUInt32BE(index * RECORD_BYTES + 12),
    })).sort((a, b) => a.at - b.at);
    for (const { tag, at, length } of tables) {
      if (at < reader.offset) throw malformed('sfnt-malformed', 'The font has tables that overlap.');
      await reader.skip(at - reader.offset);
      const body = new Stretch(reader, length, truncated);
      yield { tag, body: body.pieces() };
      await body.end();
    }
  } finally {
    await reader.close();
  }
}
