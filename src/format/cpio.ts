import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { decodeName } from './name.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';

/** What a cpio archive says of one member. */
export type CpioMember = {
  readonly name: string;
  readonly inode: number;
  readonly mode: number; // with the file type bits
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number; // since 1970-01-01T00:00:00Z
  readonly size: number; // bytes of the body
  readonly device: string; // `major, minor` of a device file, else ''
};

const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';

/** What stands behind the last member, such as the compressed second archive of an initramfs. */
export const BEHIND_TRAILER = 'behind the trailer';

/**
 * Reads a cpio archive in the `newc` form (magic 070701, or 070702 with sums; cpio(5), Documentation/driver-api/early-userspace/buffer-format.rst of the
 * kernel), one member at a time. What stands behind its trailer comes as one more member, unless it is nothing but padding zeros.
 *
 * @throws StreamFailure (unverified-input: cpio-truncated, cpio-malformed, cpio-limit), or what reading `bytes` throws
 */
export async function* readCpio(
  bytes: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits,
): AsyncGenerator<{ readonly member: CpioMember; readonly body: AsyncIterable<Uint8Array> }> {
  const reader = new ByteReader(bytes);
  const truncated = () => malformed('cpio-truncated', `The cpio archive is cut short at ${reader.offset}.`);
  try {
    for (let members = 0; ; members += 1) {
      const at = reader.offset;
      const block = Buffer.from(await reader.upTo(HEADER_BYTES)).toString('latin1');
      if (block.length < HEADER_BYTES) throw truncated();
      const fields = fieldsOf(block, at);
      if (members >= limits.entries) throw malformed('cpio-limit', `The cpio archive has more than ${limits.entries} members.`);
      if (fields.nameBytes > limits.nameBytes)
        throw malformed('cpio-limit', `The cpio archive has a name of more than ${limits.nameBytes} bytes at ${at}.`);
      const raw = await reader.upTo(fields.nameBytes);
      if (raw.length < fields.nameBytes || (await skipPadding(reader)) === false) throw truncated();
      const name = decodeName(raw.subarray(0, Math.max(0, raw.indexOf(0))));
      if (name === TRAILER) break;
      const body = new Stretch(reader, fields.member.size, truncated);
      yield { member: { ...fields.member, name }, body: body.pieces() };
      await body.end();
      if ((await skipPadding(reader)) === false) throw truncated();
    }
    yield* behind(reader);
  } finally {
    await reader.close();
  }
}

/** Names and bodies start at multiples of four. */
async function skipPadding(reader: ByteReader): Promise<boolean> {
  const padding = (4 - (reader.offset % 4)) % 4;
  return (await reader.skip(padding)) === padding;
}

function fieldsOf(block: string, at: number): { readonly member: Omit<CpioMember, 'name'>; readonly nameBytes: number } {
  if (!/^07070[12][0-9A-Fa-f]{104}$/.test(block)) throw malformed('cpio-malformed', `There is no cpio member at ${at}.`);
  const field = (index: number) => Number.parseInt(block.slice(6 + index * 8, 14 + index * 8), 16);
  const mode = field(1);
  const isDevice = (mode & 0o170000) === 0o020000 || (mode & 0o170000) === 0o060000;
  return {
    nameBytes: field(11),
    member: {
      inode: field(0),
      mode,
      uid: field(2),
      gid: field(3),
      mtimeSeconds: field(5),
      size: field(6),
      device: isDevice ? `${field(9)}, ${field(10)}` : '',
    },
  };
}

async function* behind(reader: ByteReader): ReturnType<typeof readCpio> {
  let piece = await reader.some(1024 * 1024);
  while (piece?.every((byte) => byte === 0)) piece = await reader.some(1024 * 1024);
  if (piece === undefined) return;
  const start = piece.subarray(piece.findIndex((byte) => byte !== 0));
  async function* body(): AsyncGenerator<Uint8Array> {
    yield start;
    for (let more = await reader.some(1024 * 1024); more !== undefined; more = await reader.some(1024 * 1024)) yield more;
  }
  yield { member: { name: BEHIND_TRAILER, inode: 0, mode: 0, uid: 0, gid: 0, mtimeSeconds: 0, size: 0, device: '' }, body: body() };
}
