import type { Compression } from '../format/compress.ts';
import { moment } from './attributes.ts';
import { fieldDifferences } from './fields.ts';
import type { Difference } from './types.ts';

type Found = { readonly part: string; readonly what: Difference['what'] };

const OS = [
  'FAT',
  'Amiga',
  'VMS',
  'Unix',
  'VM/CMS',
  'Atari TOS',
  'HPFS',
  'Macintosh',
  'Z-System',
  'CP/M',
  'TOPS-20',
  'NTFS',
  'QDOS',
  'Acorn RISCOS',
];
const XZ_CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'CRC32', 4: 'CRC64', 10: 'SHA-256' };

/** What the headers of two compressed files say that differs: how they were made, beside what is in them. From the first bytes of both. */
export function settingDifferences(compression: Compression, first: Uint8Array, second: Uint8Array): readonly Found[] {
  const [one, two] = [Buffer.from(first), Buffer.from(second)];
  switch (compression) {
    case 'gz':
      return gzipDifferences(gzipHeader(one), gzipHeader(two));
    case 'xz':
      return fieldDifferences(xzHeader(one), xzHeader(two)).map((field) => ({ part: 'xz header', what: { kind: 'field', ...field } }));
    case 'zst':
      return fieldDifferences(zstdHeader(one), zstdHeader(two)).map((field) => ({
        part: 'zstd header',
        what: { kind: 'field', ...field },
      }));
    default:
      return [];
  }
}

type GzipHeader = {
  readonly mtime: string;
  readonly name: string;
  readonly os: string;
  readonly level: string;
  readonly comment: string;
  readonly flags: string;
};

/** RFC 1952, 2.3. */
function gzipHeader(bytes: Buffer): GzipHeader & { readonly length: number } {
  if (bytes.length < 10) return { mtime: '', name: '', os: '', level: '', comment: '', flags: '', length: bytes.length };
  const flags = bytes.readUInt8(3);
  let at = 10;
  if ((flags & 4) !== 0 && bytes.length >= 12) at += 2 + bytes.readUInt16LE(10);
  const text = (present: boolean): string => {
    if (!present || at >= bytes.length) return '';
    const end = bytes.indexOf(0, at);
    const value = bytes.toString('latin1', at, end === -1 ? bytes.length : end);
    at = end === -1 ? bytes.length : end + 1;
    return value;
  };
  const name = text((flags & 8) !== 0);
  const comment = text((flags & 16) !== 0);
  if ((flags & 2) !== 0) at += 2;
  const seconds = bytes.readUInt32LE(4);
  const level = bytes.readUInt8(8);
  const os = bytes.readUInt8(9);
  return {
    mtime: seconds === 0 ? 'none' : moment(seconds),
    name,
    os: OS[os] ?? (os === 255 ? 'unknown' : String(os)),
    level: level === 2 ? 'best' : level === 4 ? 'fastest' : level === 0 ? 'not said' : String(level),
    comment,
    flags: `0x${flags.toString(16).padStart(2, '0')}`,
    length: at,
  };
}

function gzipDifferences(first: GzipHeader, second: GzipHeader): readonly Found[] {
  return (['mtime', 'name', 'os', 'level', 'comment', 'flags'] as const).flatMap((attribute): Found[] =>
    first[attribute] === second[attribute]
      ? []
      : [{ part: 'gzip header', what: { kind: 'attribute', attribute, first: first[attribute], second: second[attribute] } }],
  );
}

/** Where the compressed data starts behind the part of the header that is told; 0 when the header is not told. */
export function headerBytes(compression: Compression, head: Uint8Array): number {
  return compression === 'gz' ? gzipHeader(Buffer.from(head)).length : 0;
}

/** Stream flags and the header of the first block (xz file format, 2.1.1 and 3.1). */
function xzHeader(bytes: Buffer): [string, string][] {
  if (bytes.length < 24) return [];
  const check = bytes.readUInt8(7) & 15;
  const flags = bytes.readUInt8(13);
  // xz with more than one thread writes the sizes of each block in front of it, with one thread it does not.
  const sized = (flags & 0xc0) !== 0;
  const fields: [string, string][] = [
    ['check', XZ_CHECKS[check] ?? String(check)],
    ['sizes in the block header', sized ? 'yes (several threads)' : 'no (one thread)'],
    ['filters', String((flags & 3) + 1)],
  ];
  if (!sized && (flags & 3) === 0 && bytes.readUInt8(14) === 0x21) {
    const size = bytes.readUInt8(16);
    fields.push(['dictionary', `${(2 + (size & 1)) * 2 ** ((size >> 1) + 1)} KiB`]);
  }
  return fields;
}

/** Frame header (RFC 8878, 3.1.1.1). */
function zstdHeader(bytes: Buffer): [string, string][] {
  if (bytes.length < 6) return [];
  const descriptor = bytes.readUInt8(4);
  const single = (descriptor & 0x20) !== 0;
  const window = bytes.readUInt8(5);
  return [
    ['check sum', (descriptor & 4) !== 0 ? 'yes' : 'no'],
    ['size of the content', (descriptor & 0xe0) !== 0 ? 'said' : 'not said'],
    ['window', single ? 'as the content' : `${(2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)) / 1024} KiB`],
  ];
}
