import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { decodeName } from './name.ts';
import { ByteReader } from './reader.ts';
import { BLOCK, decodeHeader, type TarHeader } from './tar-header.ts';
import { decodePax, type PaxRecords, seconds, whole } from './tar-pax.ts';

export type TarType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** What a tar says of one member, extended headers folded in. */
export type TarMember = {
  readonly name: string; // exactly as in the archive: `./` in front and `/` behind stay; see memberPath and decodeName
  readonly type: TarType;
  readonly mode: number; // permission bits, setuid, setgid and sticky: 0o7777 at most
  readonly uid: number;
  readonly gid: number;
  readonly uname: string; // '' when there is none
  readonly gname: string;
  readonly mtimeSeconds: number; // since 1970-01-01T00:00:00Z, with a fraction when a pax header gives one
  readonly size: number; // bytes of the body; 0 for everything but files
  readonly link: string; // target of a symlink or hardlink, else ''
  readonly devmajor: number; // 0 for everything but devices
  readonly devminor: number;
  readonly pax: Readonly<Record<string, string>>; // records without a field here, such as SCHILY.xattr.security.capability
};

export type TarEntry = { readonly member: TarMember; readonly body: AsyncIterable<Uint8Array> };

/**
 * Reads an uncompressed tar, one member at a time, in the order of the archive: v7, ustar, GNU long names and base-256 numbers, pax
 * (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 *
 * A body can be read once, and only until the next member is asked for; what was not read of it is skipped. The stream is read to its
 * end, so that a check sum behind it is looked at. Own code and not tar-stream, because that takes an archive that ends between two
 * members for a whole one, gives different names that are not UTF-8 as the same text, and reads malformed numbers and pax records as far as it can.
 *
 * @throws StreamFailure (unverified-input: tar-truncated, tar-malformed, tar-unsupported, tar-limit), or what reading `bytes` throws
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(bytes);
  let globals: PaxRecords = {};
  let extension: PaxRecords = {};
  let longName: string | undefined;
  let longLink: string | undefined;
  let headers = 0;
  try {
    while (true) {
      const at = reader.offset;
      const block = await reader.upTo(BLOCK);
      if (block.length < BLOCK) throw truncated(reader.offset);
      const header = decodeHeader(block, at);
      if (header === undefined) return await expectNothingMore(reader);
      headers += 1;
      if (headers > limits.entries) throw malformed('tar-limit', `The tar has more than ${limits.entries} headers.`);
      if (header.flag === 'x' || header.flag === 'g') {
        const records = decodePax(await extended(reader, header, limits.paxBytes), at);
        if (header.flag === 'x') extension = records;
        else globals = { ...globals, ...records };
        continue;
      }
      if (header.flag === 'L' || header.flag === 'K') {
        const text = withoutNul(await extended(reader, header, limits.nameBytes + 1));
        if (header.flag === 'L') longName = text;
        else longLink = text;
        continue;
      }
      const member = memberOf(header, { ...globals, ...extension }, { longName, longLink }, at);
      extension = {};
      longName = undefined;
      longLink = undefined;
      checkLimits(member, at, limits);
      const body = new Body(reader, member.size);
      yield { member, body: body.pieces() };
      await body.end();
    }
  } finally {
    await reader.close();
  }
}

/** The stretch of the stream that belongs to one member. */
class Body {
  readonly #reader: ByteReader;
  readonly #size: number;
  #left: number;
  #over = false;

  constructor(reader: ByteReader, size: number) {
    this.#reader = reader;
    this.#size = size;
    this.#left = size;
  }

  async *pieces(): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      if (this.#over) throw new Error('The body of a tar member was read after the next member was asked for.');
      const piece = await this.#reader.some(this.#left);
      if (piece === undefined) throw truncated(this.#reader.offset);
      this.#left -= piece.length;
      yield piece;
    }
  }

  async end(): Promise<void> {
    this.#over = true;
    const padding = (BLOCK - (this.#size % BLOCK)) % BLOCK;
    const rest = this.#left + padding;
    if ((await this.#reader.skip(rest)) < rest) throw truncated(this.#reader.offset);
  }
}

/** The body of a header that says more of the next member. */
async function extended(reader: ByteReader, header: TarHeader, most: number): Promise<Uint8Array> {
  if (header.size > most) throw malformed('tar-limit', `An extended header of the tar has ${header.size} bytes, more than ${most}.`);
  const bytes = Uint8Array.from(await reader.upTo(header.size));
  if (bytes.length < header.size) throw truncated(reader.offset);
  const padding = (BLOCK - (header.size % BLOCK)) % BLOCK;
  if ((await reader.skip(padding)) < padding) throw truncated(reader.offset);
  return bytes;
}

function withoutNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end === -1 ? bytes : bytes.subarray(0, end));
}

/** GNU long names and pax records win over the header's own fields; pax over GNU. */
function memberOf(
  header: TarHeader,
  pax: PaxRecords,
  long: { longName: string | undefined; longLink: string | undefined },
  at: number,
): TarMember {
  const { path, linkpath, size: paxSize, uid, gid, uname, gname, mtime, ...rest } = pax;
  const name = path ?? long.longName ?? header.name;
  const type = typeOf(header.flag, name, at);
  if (Object.keys(rest).some((key) => key.startsWith('GNU.sparse.')))
    throw malformed('tar-unsupported', `The tar has a sparse file at ${at}.`);
  const size = paxSize === undefined ? header.size : whole('size', paxSize, at);
  if (type !== 'file' && size !== 0) {
    // Readers do not agree whether a body follows then; what one takes for a body would be members for another.
    throw malformed('tar-malformed', `The tar has a ${type} with a body at ${at}.`);
  }
  const linked = type === 'symlink' || type === 'hardlink';
  const device = type === 'character' || type === 'block';
  return {
    name,
    type,
    mode: header.mode % 0o10000,
    uid: uid === undefined ? header.uid : whole('uid', uid, at),
    gid: gid === undefined ? header.gid : whole('gid', gid, at),
    uname: uname ?? header.uname,
    gname: gname ?? header.gname,
    mtimeSeconds: mtime === undefined ? header.mtimeSeconds : seconds(mtime, at),
    size,
    link: linked ? (linkpath ?? long.longLink ?? header.link) : '',
    devmajor: device ? header.devmajor : 0,
    devminor: device ? header.devminor : 0,
    pax: rest,
  };
}

function typeOf(flag: string, name: string, at: number): TarType {
  switch (flag) {
    case '\0':
      return name.endsWith('/') ? 'directory' : 'file'; // v7 knew directories by their name only
    case '0':
    case '7': // contiguous
      return 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
      return 'character';
    case '4':
      return 'block';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    default:
      throw malformed('tar-unsupported', `The tar has a member of type "${flag}" at ${at}.`);
  }
}

function checkLimits(member: TarMember, at: number, limits: ArchiveLimits): void {
  if (member.name === '') throw malformed('tar-malformed', `The tar has a member without a name at ${at}.`);
  for (const name of [member.name, member.link]) {
    if (name.includes('\0')) throw malformed('tar-malformed', `The tar has a zero byte in a name at ${at}.`);
    if (name.length > limits.nameBytes || Buffer.byteLength(name) > limits.nameBytes) {
      throw malformed('tar-limit', `The tar has a name of more than ${limits.nameBytes} bytes at ${at}.`);
    }
  }
  if (at + member.size > limits.totalBytes) throw malformed('tar-limit', `The tar is larger than ${limits.totalBytes} bytes.`);
}

/** After the first block of zeros only zeros may follow: other readers could take something else for members. */
async function expectNothingMore(reader: ByteReader): Promise<void> {
  while (true) {
    const piece = await reader.some(1024 * 1024);
    if (piece === undefined) return;
    if (piece.some((byte) => byte !== 0)) throw malformed('tar-malformed', `The tar goes on behind its end, before ${reader.offset}.`);
  }
}

function truncated(offset: number) {
  return malformed('tar-truncated', `The tar is cut short at ${offset}.`);
}
