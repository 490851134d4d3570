import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { decodeName } from './name.ts';
import { ByteReader } from './reader.ts';

/** What an ar archive says of one member. */
export type ArMember = {
  readonly name: string; // without the `/` that GNU ar puts behind it
  readonly mtimeSeconds: number; // since 1970-01-01T00:00:00Z
  readonly uid: number;
  readonly gid: number;
  readonly mode: number; // with the file type bits, as it stands there
  readonly size: number; // bytes of the body
};

export type ArEntry = { readonly member: ArMember; readonly body: AsyncIterable<Uint8Array> };

const MAGIC = '!<arch>\n';
const HEADER_BYTES = 60;

/**
 * Reads a common ar archive (deb(5), ar(5)), one member at a time, with the long names of GNU ar.
 *
 * A body can be read once, and only until the next member is asked for; what was not read of it is skipped. The symbol table of a static
 * library comes as the member `/`, the table of long names is not given.
 *
 * @throws StreamFailure (unverified-input: ar-truncated, ar-malformed, ar-limit), or what reading `bytes` throws
 */
export async function* readAr(bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<ArEntry> {
  const reader = new ByteReader(bytes);
  let longNames = '';
  try {
    if (latin1(await reader.upTo(MAGIC.length)) !== MAGIC) throw malformed('ar-malformed', 'This is not an ar archive.');
    for (let members = 0; ; members += 1) {
      const at = reader.offset;
      const block = await reader.upTo(HEADER_BYTES);
      if (block.length === 0) return;
      if (block.length < HEADER_BYTES) throw truncated(reader.offset);
      if (members >= limits.entries) throw malformed('ar-limit', `The ar archive has more than ${limits.entries} members.`);
      const header = decodeHeader(block, at);
      if (at + header.size > limits.totalBytes) throw malformed('ar-limit', `The ar archive is larger than ${limits.totalBytes} bytes.`);
      if (header.name === '//') {
        longNames = latin1(await held(reader, header.size, limits.paxBytes));
        await skipPadding(reader, header.size);
        continue;
      }
      const name = nameOf(header.name, longNames, at);
      if (name === '' || name.length > limits.nameBytes) throw malformed('ar-malformed', `The ar member at ${at} has no usable name.`);
      const body = { left: header.size, over: false };
      yield { member: { ...header, name }, body: pieces(reader, body) };
      body.over = true;
      if ((await reader.skip(body.left)) < body.left) throw truncated(reader.offset);
      await skipPadding(reader, header.size);
    }
  } finally {
    await reader.close();
  }
}

async function* pieces(reader: ByteReader, body: { left: number; readonly over: boolean }): AsyncGenerator<Uint8Array> {
  while (body.left > 0) {
    if (body.over) throw new Error('The body of an ar member was read after the next member was asked for.');
    const piece = await reader.some(body.left);
    if (piece === undefined) throw truncated(reader.offset);
    body.left -= piece.length;
    yield piece;
  }
}

function decodeHeader(block: Uint8Array, at: number): ArMember {
  const text = latin1(block);
  if (text.slice(58) !== '`\n') throw malformed('ar-malformed', `There is no ar member at ${at}.`);
  return {
    name: decodeName(block.subarray(0, 16)).trimEnd(),
    mtimeSeconds: decimal(text.slice(16, 28), at),
    uid: decimal(text.slice(28, 34), at),
    gid: decimal(text.slice(34, 40), at),
    mode: number(text.slice(40, 48), /^[0-7]*$/, 8, at),
    size: number(text.slice(48, 58), /^[0-9]+$/, 10, at),
  };
}

function decimal(field: string, at: number): number {
  return number(field, /^[0-9]*$/, 10, at);
}

function number(field: string, form: RegExp, base: number, at: number): number {
  const digits = field.trimEnd(); // blank for the tables of GNU ar
  if (!form.test(digits)) throw malformed('ar-malformed', `The ar member at ${at} has a number that is none.`);
  return digits === '' ? 0 : Number.parseInt(digits, base);
}

function nameOf(field: string, longNames: string, at: number): string {
  if (/^\/[0-9]+$/.test(field)) {
    const from = Number(field.slice(1));
    const end = longNames.indexOf('\n', from);
    if (from >= longNames.length || end === -1)
      throw malformed('ar-malformed', `The ar member at ${at} has a name outside the table of names.`);
    return decodeName(Buffer.from(longNames.slice(from, end), 'latin1')).replace(/\/$/, '');
  }
  return field === '/' || field === '/SYM64/' ? field : field.replace(/\/$/, '');
}

async function held(reader: ByteReader, size: number, most: number): Promise<Uint8Array> {
  if (size > most) throw malformed('ar-limit', `The ar archive has a table of ${size} bytes, more than ${most}.`);
  const bytes = Uint8Array.from(await reader.upTo(size));
  if (bytes.length < size) throw truncated(reader.offset);
  return bytes;
}

/** Bodies start at even offsets. dpkg and binutils accept an archive without the last padding byte; so do we. */
async function skipPadding(reader: ByteReader, size: number): Promise<void> {
  if (size % 2 === 1) await reader.skip(1);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function truncated(offset: number) {
  return malformed('ar-truncated', `The ar archive is cut short at ${offset}.`);
}
