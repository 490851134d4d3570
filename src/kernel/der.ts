/** One value of DER (ITU-T X.690): its tag, what it holds, and all of its bytes. */
export type Der = { readonly tag: number; readonly content: Uint8Array; readonly whole: Uint8Array };

export const INTEGER = 0x02;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const NULL = 0x05;
export const SEQUENCE = 0x30;
export const SET = 0x31;
export const CONTEXT_0 = 0xa0; // [0], constructed

/** Writes a value. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Buffer.from([length]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

/** Writes an object identifier, such as 1.2.840.113549.1.7.2. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(OBJECT_IDENTIFIER, Buffer.from(bytes));
}

/** The values that stand one after the other in the bytes, or undefined when they are not DER with tags of one byte. */
export function readDer(bytes: Uint8Array): readonly Der[] | undefined {
  const values: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const short = bytes[at + 1];
    if (short === undefined || (tag & 0x1f) === 0x1f || short === 0x80 || short > 0x84) return undefined;
    const digits = short < 0x80 ? 0 : short & 0x7f;
    const from = at + 2 + digits;
    const length = digits === 0 ? short : Number.parseInt(Buffer.from(bytes.subarray(at + 2, from)).toString('hex') || '0', 16);
    if (from + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(from, from + length), whole: bytes.subarray(at, from + length) });
    at = from + length;
  }
  return values;
}
