import { malformed } from './malformed.ts';
import { decodeName } from './name.ts';

/** Bytes of a header, and what bodies are padded to. */
export const BLOCK = 512;

/** The fields of one 512-byte block, as they stand there. */
export type TarHeader = {
  readonly flag: string; // type flag, one sign
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeSeconds: number;
  readonly link: string;
  readonly uname: string;
  readonly gname: string;
  readonly devmajor: number;
  readonly devminor: number;
};

const MAGIC = 257;
const USTAR = Buffer.from('ustar\0');
const GNU = Buffer.from('ustar ');

/**
 * Reads one header block.
 *
 * @param at offset of the block in the archive, for messages
 * @returns undefined for a block of zeros, which ends the archive
 * @throws StreamFailure tar-malformed: check sum, numbers
 */
export function decodeHeader(bytes: Uint8Array, at: number): TarHeader | undefined {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, BLOCK);
  if (block[0] === 0 && block.every((byte) => byte === 0)) return undefined;
  checkSum(block, at);
  const magic = block.subarray(MAGIC, MAGIC + 6);
  const ustar = magic.equals(USTAR);
  const modern = ustar || magic.equals(GNU);
  // GNU's own format keeps other things where ustar has a prefix; v7 has nothing behind the link.
  const prefix = ustar ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    flag: String.fromCharCode(block[156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8, at),
    uid: number(block, 108, 8, at),
    gid: number(block, 116, 8, at),
    size: positive(number(block, 124, 12, at), at),
    mtimeSeconds: number(block, 136, 12, at),
    link: text(block, 157, 100),
    uname: modern ? text(block, 265, 32) : '',
    gname: modern ? text(block, 297, 32) : '',
    devmajor: modern ? number(block, 329, 8, at) : 0,
    devminor: modern ? number(block, 337, 8, at) : 0,
  };
}

/** The sum of all bytes with the field itself as spaces. Some old tars summed signed bytes. */
function checkSum(block: Buffer, at: number): void {
  let unsigned = 0;
  let high = 0;
  for (let index = 0; index < BLOCK; index += 1) {
    const byte = index >= 148 && index < 156 ? 32 : (block[index] ?? 0);
    unsigned += byte;
    if (byte > 127) high += 1;
  }
  const said = number(block, 148, 8, at);
  if (said !== unsigned && said !== unsigned - 256 * high)
    throw malformed('tar-malformed', `The check sum of the tar header at ${at} is wrong.`);
}

function text(block: Buffer, from: number, length: number): string {
  if (block[from] === 0) return '';
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return decodeName(end === -1 ? field : field.subarray(0, end));
}

/** Octal digits with spaces in front and NULs or spaces behind, or base-256 when the first bit is set (GNU tar). */
function number(block: Buffer, from: number, length: number, at: number): number {
  const first = block[from] ?? 0;
  if (first >= 0x80) return base256(block.subarray(from, from + length), at);
  const end = from + length;
  let index = from;
  while (index < end && block[index] === 32) index += 1;
  let value = 0;
  for (; index < end; index += 1) {
    const digit = (block[index] ?? 0) - 48;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; index < end; index += 1) {
    const byte = block[index];
    if (byte !== 0 && byte !== 32) throw malformed('tar-malformed', `A number of the tar header at ${at} is not octal.`);
  }
  return value;
}

/** Big-endian two's complement, the top bit taken as the mark. */
function base256(field: Buffer, at: number): number {
  const negative = field[0] === 0xff;
  if (!negative && field[0] !== 0x80) throw malformed('tar-malformed', `A number of the tar header at ${at} is too large.`);
  let value = 0;
  for (const byte of field.subarray(1)) value = value * 256 + (negative ? 255 - byte : byte);
  if (!Number.isSafeInteger(value)) throw malformed('tar-malformed', `A number of the tar header at ${at} is too large.`);
  return negative ? -value - 1 : value;
}

function positive(size: number, at: number): number {
  if (size < 0) throw malformed('tar-malformed', `The tar has a member with a size below zero at ${at}.`);
  return size;
}
