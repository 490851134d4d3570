import { malformed } from './malformed.ts';
import { decodeName, encodeName } from './name.ts';

/** Records of an extended header; values are bytes in the form of decodeName. */
export type PaxRecords = Readonly<Record<string, string>>;

/**
 * Parses `LENGTH KEY=VALUE\n` records (POSIX.1-2017, pax, "pax Extended Header").
 *
 * @param at offset of the header, for messages
 * @throws StreamFailure tar-malformed
 */
export function decodePax(bytes: Uint8Array, at: number): PaxRecords {
  const records: Record<string, string> = Object.create(null);
  let from = 0;
  while (from < bytes.length) {
    const space = bytes.indexOf(0x20, from);
    const digits = space === -1 || space - from > 10 ? '' : Buffer.from(bytes.subarray(from, space)).toString('latin1');
    const length = /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0;
    const end = from + length;
    const equals = bytes.indexOf(0x3d, space + 1);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 0x0a || equals <= space + 1 || equals >= end) {
      throw malformed('tar-malformed', `The pax header at ${at} has a broken record.`);
    }
    const key = decodeName(bytes.subarray(space + 1, equals));
    const value = decodeName(bytes.subarray(equals + 1, end - 1));
    if (value === '') delete records[key];
    else records[key] = value;
    from = end;
  }
  return { ...records };
}

/** Records to the body of an extended header, in the order of the object. */
export function encodePax(records: PaxRecords): Uint8Array {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const body = Buffer.concat([Buffer.from(' '), encodeName(key), Buffer.from('='), encodeName(value), Buffer.from('\n')]);
      // The length counts its own digits.
      let length = body.length + String(body.length).length;
      if (String(length).length > String(body.length).length) length = body.length + String(length).length;
      return Buffer.concat([Buffer.from(String(length)), body]);
    }),
  );
}

/** A record that is a whole number from 0. */
export function whole(key: string, text: string, at: number): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw malformed('tar-malformed', `The pax header for the member at ${at} has a broken ${key}.`);
  return value;
}

/** A record that is a time in seconds, with an optional fraction. */
export function seconds(text: string, at: number): number {
  if (!/^-?[0-9]{1,15}(\.[0-9]*)?$/.test(text))
    throw malformed('tar-malformed', `The pax header for the member at ${at} has a broken mtime.`);
  return Number(text);
}
