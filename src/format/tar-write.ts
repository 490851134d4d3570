import { sortedBy } from '../base/order.ts';
import { malformed } from './malformed.ts';
import { encodeName } from './name.ts';
import type { TarMember, TarType } from './tar.ts';
import { BLOCK } from './tar-header.ts';
import { encodePax } from './tar-pax.ts';

/** A member to write. A body is wanted exactly when size is above 0, and has that many bytes. */
export type TarInput = { readonly member: TarMember; readonly body?: Uint8Array | AsyncIterable<Uint8Array> };

/** A plain file of root's from 1970, with nothing in it: what is not like that is said beside it. */
export const PLAIN_MEMBER: TarMember = {
  name: '',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: '',
  gname: '',
  mtimeSeconds: 0,
  size: 0,
  link: '',
  devmajor: 0,
  devminor: 0,
  pax: {},
};

const FLAG: Readonly<Record<TarType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};
const GATHER_BYTES = 128 * 1024; // small pieces are put together to this size; larger ones go through without a copy
const SEVEN_DIGITS = 0o7777777;
const ELEVEN_DIGITS = 0o77777777777;

/**
 * Writes a tar: the bytes follow from the members alone. ustar; what does not fit in there (ids above 2097151, long names, times with
 * a fraction or before 1970, sizes from 8 GiB, every record of `pax`) goes into pax headers in a fixed order. A directory's name gets
 * its `/`. Names of owners are written only when given. Bodies stream through and are never held whole.
 *
 * Own code and not tar-stream, because that cuts ids to 18 bits in silence, ends times in 2038, makes mode 0 into 0644, and takes the present time for a missing one.
 *
 * @throws StreamFailure tar-body-size when a streamed body is longer or shorter than its member says, or what reading a body throws
 */
export async function* packTar(entries: AsyncIterable<TarInput> | Iterable<TarInput>): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  let smallBytes = 0;
  for await (const piece of pieces(entries)) {
    const large = piece.length >= GATHER_BYTES / 4;
    if (!large) {
      small.push(piece);
      smallBytes += piece.length;
    }
    if (smallBytes > 0 && (large || smallBytes >= GATHER_BYTES)) {
      yield Buffer.concat(small, smallBytes);
      small = [];
      smallBytes = 0;
    }
    if (large) yield piece;
  }
  yield Buffer.concat(small, smallBytes);
}

async function* pieces(entries: AsyncIterable<TarInput> | Iterable<TarInput>): AsyncGenerator<Uint8Array> {
  for await (const { member, body } of entries) {
    yield* headerBlocks(member);
    if (body instanceof Uint8Array && body.length === member.size) yield body;
    else if (body !== undefined || member.size > 0) yield* sized(member, body instanceof Uint8Array ? [body] : (body ?? []));
    yield padding(member.size);
  }
  yield ZEROS;
}

/** A body that has exactly as many bytes as its header has said. */
async function* sized(member: TarMember, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let written = 0;
  for await (const piece of body) {
    written += piece.length;
    if (written > member.size) break;
    yield piece;
  }
  if (written !== member.size) {
    throw malformed('tar-body-size', `${member.name} does not have the ${member.size} bytes that it should have.`);
  }
}

function padding(size: number): Uint8Array {
  return ZEROS.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

const ZEROS = new Uint8Array(2 * BLOCK);

function headerBlocks(member: TarMember): Uint8Array[] {
  const name = encodeName(member.type === 'directory' && !member.name.endsWith('/') ? `${member.name}/` : member.name);
  const link = encodeName(member.link);
  const parts = splitName(name);
  const records: Record<string, string> = {};
  if (parts === undefined) records['path'] = member.type === 'directory' && !member.name.endsWith('/') ? `${member.name}/` : member.name;
  if (link.length > 100) records['linkpath'] = member.link;
  if (member.uid > SEVEN_DIGITS) records['uid'] = String(member.uid);
  if (member.gid > SEVEN_DIGITS) records['gid'] = String(member.gid);
  if (encodeName(member.uname).length > 31) records['uname'] = member.uname;
  if (encodeName(member.gname).length > 31) records['gname'] = member.gname;
  if (member.size > ELEVEN_DIGITS) records['size'] = String(member.size);
  const time = member.mtimeSeconds;
  if (!Number.isInteger(time) || time < 0 || time > ELEVEN_DIGITS) records['mtime'] = String(time);
  for (const [key, value] of sortedBy(Object.entries(member.pax), ([key]) => key)) records[key] ??= value;
  const header = block(
    member,
    FLAG[member.type],
    parts ?? { prefix: EMPTY, name: name.subarray(0, 100) },
    link.subarray(0, 100),
    member.size,
  );
  if (Object.keys(records).length === 0) return [header];
  const pax = encodePax(records);
  const plain = { ...member, mode: 0o644, uid: 0, gid: 0, uname: '', gname: '', devmajor: 0, devminor: 0 };
  const paxHeader = block(plain, 'x', { prefix: EMPTY, name: Buffer.from('PaxHeader') }, EMPTY, pax.length);
  return [paxHeader, pax, padding(pax.length), header];
}

const EMPTY = new Uint8Array(0);

/** ustar gives a name 100 bytes, and 155 more for the folders in front of one of its slashes. */
function splitName(name: Uint8Array): { readonly prefix: Uint8Array; readonly name: Uint8Array } | undefined {
  if (name.length <= 100) return { prefix: EMPTY, name };
  for (let slash = name.length - 101; slash > 0 && slash <= 155; slash += 1) {
    if (name[slash] === 0x2f && slash < name.length - 1) return { prefix: name.subarray(0, slash), name: name.subarray(slash + 1) };
  }
  return undefined;
}

type Shown = Pick<TarMember, 'mode' | 'uid' | 'gid' | 'mtimeSeconds' | 'uname' | 'gname' | 'devmajor' | 'devminor'>;

function block(
  member: Shown,
  flag: string,
  name: { readonly prefix: Uint8Array; readonly name: Uint8Array },
  link: Uint8Array,
  size: number,
): Uint8Array {
  const bytes = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number, most: number): void => {
    // A number that does not fit stands in a pax record; the field then has the nearest that fits.
    const fitting = Math.min(Math.max(Math.floor(value), 0), most);
    bytes.write(fitting.toString(8).padStart(digits, '0'), at, 'latin1');
  };
  bytes.set(name.name, 0);
  octal(member.mode & 0o7777, 100, 7, SEVEN_DIGITS);
  octal(member.uid, 108, 7, SEVEN_DIGITS);
  octal(member.gid, 116, 7, SEVEN_DIGITS);
  octal(size, 124, 11, ELEVEN_DIGITS);
  octal(member.mtimeSeconds, 136, 11, ELEVEN_DIGITS);
  bytes.write(flag, 156, 'latin1');
  bytes.set(link, 157);
  bytes.write('ustar\x0000', MAGIC_AT, 'latin1');
  bytes.set(encodeName(member.uname).subarray(0, 31), 265);
  bytes.set(encodeName(member.gname).subarray(0, 31), 297);
  octal(member.devmajor, 329, 7, SEVEN_DIGITS);
  octal(member.devminor, 337, 7, SEVEN_DIGITS);
  bytes.set(name.prefix, 345);
  bytes.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

const MAGIC_AT = 257;
