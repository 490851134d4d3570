import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { decodeName } from './name.ts';

/** What the central directory of a zip says of one member. */
export type ZipMember = {
  readonly name: string;
  readonly method: number; // 0 stored, 8 deflated; see APPNOTE 4.4.5
  readonly flags: number;
  readonly dosTime: string; // local time of the machine that packed it, without a zone: 2023-11-14T22:13:20
  readonly utcSeconds: number | undefined; // of the extended timestamp, when there is one
  readonly mode: number | undefined; // Unix mode with the file type bits, when there is one
  readonly comment: string;
  readonly extra: string; // other extra fields, hex, cut at 64 bytes
  readonly packedBytes: number;
  readonly at: number; // where its local header starts in the file
};

/** The end of central directory record, from its sign on: where the directory lies. */
export type ZipEnd = { readonly start: number; readonly size: number; readonly shift: number };

const END_SIGN = 0x06054b50;
const WIDE_LOCATOR_SIGN = 0x07064b50;
const WIDE_END_SIGN = 0x06064b50;
const MEMBER_SIGN = 0x02014b50;
const END_BYTES = 22;
const WIDE = 0xffffffff;

/**
 * Finds the central directory (APPNOTE 4.3.16, zip64 too) from the last bytes of a file.
 *
 * @param tail the last bytes: 64 KiB and the record, when the file has so many
 * @param tailAt where they start in the file
 */
export function findZipEnd(tail: Buffer, tailAt: number): ZipEnd {
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGN || at + END_BYTES + tail.readUInt16LE(at + 20) > tail.length) continue;
    const wide = wideEnd(tail, tailAt, at);
    const size = wide?.size ?? tail.readUInt32LE(at + 12);
    const said = wide?.start ?? tail.readUInt32LE(at + 16);
    const start = (wide?.at ?? tailAt + at) - size; // something may stand in front of the archive, a program that unpacks it for instance
    if (start < said) throw malformed('zip-malformed', 'The zip archive has no central directory where it says.');
    return { start, size, shift: start - said };
  }
  throw malformed('zip-truncated', 'The zip archive has no end.');
}

function wideEnd(tail: Buffer, tailAt: number, end: number): { start: number; size: number; at: number } | undefined {
  const locator = end - 20;
  if (locator < 56 || tail.readUInt32LE(locator) !== WIDE_LOCATOR_SIGN) return undefined;
  const at = locator - 56;
  if (tail.readUInt32LE(at) !== WIDE_END_SIGN)
    throw malformed('zip-unsupported', 'The zip64 end of the archive is of a form that is not known.');
  return { size: number64(tail, at + 40), start: number64(tail, at + 48), at: tailAt + at };
}

/** The members that the central directory lists, in the order in which their bodies stand in the file. */
export function decodeZipDirectory(bytes: Buffer, shift: number, limits: ArchiveLimits): readonly ZipMember[] {
  const members: ZipMember[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 46 > bytes.length) throw broken();
    if (bytes.readUInt32LE(at) !== MEMBER_SIGN) break; // a signature of the directory may follow
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => bytes.readUInt16LE(at + field)) as [number, number, number];
    const next = at + 46 + nameBytes + extraBytes + commentBytes;
    if (next > bytes.length) throw broken();
    if (members.length >= limits.entries) throw malformed('zip-limit', `The zip archive has more than ${limits.entries} members.`);
    members.push(memberOf(bytes.subarray(at, next), nameBytes, extraBytes, shift));
    at = next;
  }
  return members.sort((a, b) => a.at - b.at);
}

function memberOf(record: Buffer, nameBytes: number, extraBytes: number, shift: number): ZipMember {
  const nameEnd = 46 + nameBytes;
  const sizes = { unpacked: record.readUInt32LE(24), packed: record.readUInt32LE(20), at: record.readUInt32LE(42) };
  const extra = decodeExtra(record.subarray(nameEnd, nameEnd + extraBytes), sizes);
  const unix = record.readUInt8(5) === 3;
  return {
    name: decodeName(record.subarray(46, nameEnd)),
    method: record.readUInt16LE(10),
    flags: record.readUInt16LE(8),
    dosTime: dosTime(record.readUInt16LE(14), record.readUInt16LE(12)),
    utcSeconds: extra.utcSeconds,
    mode: unix ? record.readUInt32LE(38) >>> 16 : undefined,
    comment: decodeName(record.subarray(nameEnd + extraBytes)),
    extra: extra.other.toString('hex'),
    packedBytes: extra.packed,
    at: extra.at + shift,
  };
}

type Extra = { packed: number; at: number; utcSeconds: number | undefined; other: Buffer };

function decodeExtra(bytes: Buffer, sizes: { unpacked: number; packed: number; at: number }): Extra {
  const result: Extra = { packed: sizes.packed, at: sizes.at, utcSeconds: undefined, other: Buffer.alloc(0) };
  for (let from = 0; from + 4 <= bytes.length; ) {
    const end = from + 4 + bytes.readUInt16LE(from + 2);
    const field = bytes.subarray(from + 4, end);
    const kind = bytes.readUInt16LE(from);
    if (kind === 1) {
      let at = sizes.unpacked === WIDE ? 8 : 0;
      const wide = (value: number) => {
        if (value !== WIDE) return value;
        if (at + 8 > field.length) throw broken();
        at += 8;
        return number64(field, at - 8);
      };
      result.packed = wide(sizes.packed);
      result.at = wide(sizes.at);
    } else if (kind === 0x5455 && field.length >= 5) {
      result.utcSeconds = field.readInt32LE(1);
    } else {
      result.other = Buffer.concat([result.other, bytes.subarray(from, end)]).subarray(0, 64);
    }
    from = end;
  }
  return result;
}

function number64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken();
  return Number(value);
}

function dosTime(date: number, time: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`;
}

function broken() {
  return malformed('zip-malformed', 'The central directory of the zip archive is broken.');
}
