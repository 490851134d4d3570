import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';

export const PNG_MAGIC = '\x89PNG\r\n\x1a\n';

/**
 * The chunks of a PNG picture (PNG, third edition, section 5), in their order; their check sums are not looked at.
 *
 * @throws StreamFailure (unverified-input: png-malformed, png-limit), or what reading `bytes` throws
 */
export async function* readPng(
  bytes: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<{ readonly type: string; readonly body: AsyncIterable<Uint8Array> }> {
  const reader = new ByteReader(bytes);
  const truncated = () => malformed('png-malformed', `The PNG picture is cut short at ${reader.offset}.`);
  try {
    if (Buffer.from(await reader.upTo(8)).toString('latin1') !== PNG_MAGIC) throw malformed('png-malformed', 'This is not a PNG picture.');
    for (let chunks = 0; ; chunks += 1) {
      const head = Buffer.from(await reader.upTo(8));
      if (head.length === 0) return;
      const type = head.toString('latin1', 4);
      if (head.length < 8) throw truncated();
      if (!/^[A-Za-z]{4}$/.test(type)) throw malformed('png-malformed', `There is no PNG chunk at ${reader.offset - 8}.`);
      if (chunks >= limits.entries) throw malformed('png-limit', `The PNG picture has more than ${limits.entries} chunks.`);
      const body = new Stretch(reader, head.readUInt32BE(0), truncated);
      yield { type, body: body.pieces() };
      await body.end();
      if ((await reader.skip(4)) < 4) throw truncated();
    }
  } finally {
    await reader.close();
  }
}
