import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';

/** A section of an ELF file that has bytes in it (elf(5)). */
export type ElfSection = {
  readonly name: string;
  readonly type: number; // 1 PROGBITS, 2 SYMTAB, 3 STRTAB, 7 NOTE …
  readonly flags: number; // 2 ALLOC, 4 EXECINSTR, 0x20 STRINGS, 0x800 COMPRESSED …
  readonly at: number; // where its bytes start in the file
  readonly size: number; // bytes
  readonly wide: boolean; // 64 bits
  readonly little: boolean; // little-endian
};

/** What the header of an ELF file says of its table of sections. */
export type ElfHeader = {
  readonly wide: boolean;
  readonly little: boolean;
  readonly machine: number;
  readonly tableAt: number; // 0: there is none
  readonly each: number; // bytes of one entry
  readonly count: number; // 0 with a table: the first entry has it
  readonly names: number; // entry of the section that holds the names
};

export const ELF_HEADER_BYTES = 64;
const NOBITS = 8;
const NULL = 0;

/** Reads the header; it may stand at the start of more bytes than it has. */
export function decodeElfHeader(bytes: Uint8Array): ElfHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width = 0, order = 0] = bytes.subarray(4);
  const wide = width === 2;
  const little = order === 1;
  if (bytes.length < (wide ? 64 : 52) || ![1, 2].includes(width) || ![1, 2].includes(order)) throw broken('header');
  const tableAt = wide ? Number(view.getBigUint64(40, little)) : view.getUint32(32, little);
  const [each, count, names] = [0, 2, 4].map((at) => view.getUint16((wide ? 58 : 46) + at, little)) as [number, number, number];
  if (tableAt !== 0 && each < (wide ? 64 : 40)) throw broken('header');
  if (!Number.isSafeInteger(tableAt)) throw broken('header');
  return { wide, little, machine: view.getUint16(18, little), tableAt, each, count, names };
}

/** One entry of the table, its name still a number: where the name stands in the section of the names. */
export type ElfEntry = Omit<ElfSection, 'name'> & { readonly nameAt: number; readonly link: number };

export function decodeElfEntry(table: Uint8Array, index: number, { wide, little, each }: ElfHeader): ElfEntry {
  const from = index * each;
  if (from + (wide ? 64 : 40) > table.length) throw broken('table of sections');
  const view = new DataView(table.buffer, table.byteOffset + from, each);
  const word = (narrowAt: number, wideAt: number) => (wide ? Number(view.getBigUint64(wideAt, little)) : view.getUint32(narrowAt, little));
  return {
    nameAt: view.getUint32(0, little),
    type: view.getUint32(4, little),
    flags: word(8, 8),
    at: word(16, 24),
    size: word(20, 32),
    link: view.getUint32(wide ? 40 : 24, little),
    wide,
    little,
  };
}

/** The sections with bytes, in the order in which they stand in the file. */
export function elfSections(entries: readonly ElfEntry[], names: Uint8Array, limits: ArchiveLimits): readonly ElfSection[] {
  const text = Buffer.from(names.buffer, names.byteOffset, names.length);
  return entries
    .filter(({ type, size }) => type !== NULL && type !== NOBITS && size > 0)
    .map(({ nameAt, link: _, ...entry }) => {
      const end = text.indexOf(0, nameAt);
      if (nameAt >= text.length || end === -1 || end - nameAt > limits.nameBytes) throw broken('table of names');
      if (!Number.isSafeInteger(entry.at + entry.size)) throw broken('table of sections');
      return { ...entry, name: text.toString('latin1', nameAt, end) };
    })
    .sort((a, b) => a.at - b.at);
}

function broken(what: string) {
  return malformed('elf-malformed', `The ELF file has a broken ${what}.`);
}
