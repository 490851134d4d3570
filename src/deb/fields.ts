import { moment } from './attributes.ts';
import type { Leaf } from './members.ts';

/** Values with a name; a name may stand there more than once. */
export type Fields = readonly (readonly [name: string, value: string])[];

const MOST_SHOWN = 200; // UTF-16 units of a value

/** The fields that differ, and how. */
export function fieldDifferences(
  first: Fields,
  second: Fields,
): readonly { readonly field: string; readonly first: string | undefined; readonly second: string | undefined }[] {
  const [one, two] = [valuesOf(first), valuesOf(second)];
  return [...new Set([...one.keys(), ...two.keys()])].flatMap((field) => {
    const [a, b] = [one.get(field), two.get(field)];
    if (a !== undefined && b !== undefined && a.length === b.length && a.every((value, index) => value === b[index])) return [];
    return [{ field, first: shown(a, b), second: shown(b, a) }];
  });
}

function valuesOf(fields: Fields): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of fields) {
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  return values;
}

/** Of several values those that the other side has not, or all of them when only their order differs. */
function shown(values: readonly string[] | undefined, others: readonly string[] | undefined): string | undefined {
  if (values === undefined) return undefined;
  const there = new Set(others);
  const own = values.filter((value) => !there.has(value));
  const text = (own.length > 0 ? own : values).join(', ');
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

/** Reads the fields that a member of this kind consists of; undefined when it has none that we know. */
export function fieldsOf(leaf: Leaf, bytes: Uint8Array): Fields | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (leaf) {
    case 'modinfo':
      return modinfo(buffer);
    case 'notes':
      return notes(buffer);
    case 'debuglink':
      return [
        ['debug file', cString(buffer, 0)],
        ['sum of the debug file', buffer.subarray(-4).toString('hex')],
      ];
    case 'png-text':
      return pngText(buffer);
    case 'png-time':
      return buffer.length === 7 ? [['time', pngTime(buffer)]] : undefined;
    case 'font-head':
      return fontHead(buffer);
    default:
      return undefined;
  }
}

const MAC_EPOCH_SECONDS = 2_082_844_800; // from 1904-01-01 to 1970-01-01

/** Table `head` of a font, or `FFTM`, in which FontForge keeps times: seconds since 1904, eight bytes each. */
function fontHead(bytes: Buffer): Fields | undefined {
  const time = (at: number) => moment(Number(bytes.readBigInt64BE(at)) - MAC_EPOCH_SECONDS);
  if (bytes.length === 28) return ['FontForge itself', 'created', 'modified'].map((name, index) => [name, time(4 + index * 8)] as const);
  if (bytes.length < 54) return undefined;
  return [
    ['sum of the font', bytes.toString('hex', 8, 12)],
    ['created', time(20)],
    ['modified', time(28)],
    ['other fields', bytes.toString('hex', 0, 8) + bytes.toString('hex', 12, 20) + bytes.toString('hex', 36)],
  ];
}

function modinfo(bytes: Buffer): Fields {
  return bytes
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals <= 0 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)] as const];
    });
}

/** Notes (elf(5), Nhdr); both byte orders, by which of the two gives sizes that fit. */
function notes(bytes: Buffer): Fields | undefined {
  const little = bytes.length >= 12 && bytes.readUInt32LE(0) <= bytes.length;
  const word = (at: number) => (little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const fields: [string, string][] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameBytes, valueBytes, type] = [word(at), word(at + 4), word(at + 8)];
    const valueAt = at + 12 + Math.ceil(nameBytes / 4) * 4;
    if (valueAt + valueBytes > bytes.length) return undefined;
    const name = cString(bytes, at + 12, at + 12 + nameBytes);
    fields.push([name === 'GNU' && type === 3 ? 'build-id' : `note ${name} ${type}`, bytes.toString('hex', valueAt, valueAt + valueBytes)]);
    at = valueAt + Math.ceil(valueBytes / 4) * 4;
  }
  return fields;
}

/** tEXt: keyword, zero, text. iTXt: keyword, zero, whether compressed, method, language, zero, translated keyword, zero, text. */
function pngText(bytes: Buffer): Fields | undefined {
  const end = bytes.indexOf(0);
  if (end === -1) return undefined;
  return [[cString(bytes, 0), bytes.toString('utf8', end + 1).replace(/^\0\0[^\0]*\0[^\0]*\0/, '')]];
}

function pngTime(bytes: Buffer): string {
  const two = (at: number) => String(bytes.readUInt8(at)).padStart(2, '0');
  return `${bytes.readUInt16BE(0)}-${two(2)}-${two(3)}T${two(4)}:${two(5)}:${two(6)}Z`;
}

const PYC_HEADER_BYTES = 16;

/** Compiled Python since 3.7 (PEP 552): its header as fields, and what is behind; undefined for anything else. */
export function splitPyc(name: string, bytes: Uint8Array): { readonly fields: Fields; readonly code: Uint8Array } | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!/\.py[co]$/.test(name) || buffer.length < PYC_HEADER_BYTES || buffer.toString('latin1', 2, 4) !== '\r\n') return undefined;
  const flags = buffer.readUInt32LE(4);
  const source: Fields =
    (flags & 1) === 1
      ? [['source hash', buffer.toString('hex', 8, 16)]]
      : [
          ['source mtime', moment(buffer.readUInt32LE(8))],
          ['source size', String(buffer.readUInt32LE(12))],
        ];
  return {
    fields: [['python magic', String(buffer.readUInt16LE(0))], ['pyc flags', String(flags)], ...source],
    code: bytes.subarray(PYC_HEADER_BYTES),
  };
}

const PDF_FIELDS =
  /\/(CreationDate|ModDate|Producer|Creator)\s{0,9}\(([^()]{0,200})\)|\/(ID)\s{0,9}\[([^\]]{0,300})\]|<(?:xmp|xap|pdf|xmpMM|xapMM):(CreateDate|ModifyDate|MetadataDate|DocumentID|InstanceID)>([^<]{0,200})</g;

/** Dates, producer and identifier of a PDF that stand in the open, and the document without them; undefined for anything else. */
export function splitPdf(bytes: Uint8Array): { readonly fields: Fields; readonly rest: string } | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  if (!text.startsWith('%PDF-')) return undefined;
  const fields: [string, string][] = [];
  const rest = text.replaceAll(PDF_FIELDS, (_all, name?: string, value?: string, id?: string, ids?: string, xmp?: string, own?: string) => {
    fields.push([name ?? id ?? xmp ?? '', value ?? ids ?? own ?? '']);
    return '';
  });
  return { fields, rest };
}

function cString(bytes: Buffer, from: number, most = bytes.length): string {
  const end = bytes.indexOf(0, from);
  return bytes.toString('utf8', from, end === -1 ? most : Math.min(end, most));
}
