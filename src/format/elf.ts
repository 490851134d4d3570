import { decodeElfEntry, decodeElfHeader, ELF_HEADER_BYTES, type ElfHeader, type ElfSection, elfSections } from './elf-table.ts';
import type { ArchiveLimits } from './limits.ts';
import { malformed } from './malformed.ts';
import { ByteReader } from './reader.ts';
import { Stretch } from './stretch.ts';

/** A stretch of an ELF file: a section, or what lies around them. */
export type ElfPart = {
  readonly name: string; // of the section, or one of ours, with a space in it: `ELF header`, `before .text`, `section headers`, `appended data`
  readonly section: ElfSection | undefined;
  readonly body: AsyncIterable<Uint8Array>;
};

export const ELF_MAGIC = '\x7fELF';

const MOST_TABLE_BYTES = 32 * 1024 * 1024;
const NAMES_BEFORE_TABLE_BYTES = 1024 * 1024;

/**
 * Reads an ELF file (elf(5)) from its start to its end as its sections tell, without executing or linking anything. The file is read two or three times:
 * the table of the sections stands at its end.
 *
 * @param open gives the bytes of the file, from their start, each time
 * @throws StreamFailure (unverified-input: elf-malformed, elf-limit), or what reading throws
 */
export async function* readElf(open: () => AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<ElfPart> {
  const { header, sections, tableBytes } = await tableOf(open, limits);
  const reader = new ByteReader(open());
  const cut = () => malformed('elf-malformed', `The ELF file is cut short at ${reader.offset}.`);
  const part = (name: string, section: ElfSection | undefined, length: number) => {
    const stretch = new Stretch(reader, length, cut);
    return { stretch, part: { name, section, body: stretch.pieces() } };
  };
  const table = { name: 'section headers', at: header.tableAt, size: tableBytes, section: undefined };
  const known = [...sections.map((section) => ({ name: section.name, at: section.at, size: section.size, section })), table]
    .filter(({ size }) => size > 0)
    .sort((a, b) => a.at - b.at);
  try {
    const start = Math.min(header.wide ? 64 : 52, known[0]?.at ?? 52);
    for (const { name, at, size, section } of [{ name: 'ELF header', at: 0, size: start, section: undefined }, ...known]) {
      if (at < reader.offset) throw malformed('elf-malformed', `The ELF file has sections that overlap at ${at}.`);
      for (const [label, own, length] of [[`before ${name}`, undefined, at - reader.offset] as const, [name, section, size] as const]) {
        if (length === 0) continue;
        const { stretch, part: next } = part(label, own, length);
        yield next;
        await stretch.end();
      }
    }
    const piece = await reader.some(1024 * 1024);
    if (piece !== undefined) yield { name: 'appended data', section: undefined, body: rest(reader, piece) };
  } finally {
    await reader.close();
  }
}

async function* rest(reader: ByteReader, start: Uint8Array): AsyncGenerator<Uint8Array> {
  yield start;
  for (let more = await reader.some(1024 * 1024); more !== undefined; more = await reader.some(1024 * 1024)) yield more;
}

type Table = { readonly header: ElfHeader; readonly sections: readonly ElfSection[]; readonly tableBytes: number };

async function tableOf(open: () => AsyncIterable<Uint8Array>, limits: ArchiveLimits): Promise<Table> {
  const reader = new ByteReader(open());
  try {
    const header = decodeElfHeader(Uint8Array.from(await reader.upTo(ELF_HEADER_BYTES)));
    const { tableAt, each } = header;
    if (tableAt === 0) return { header, sections: [], tableBytes: 0 };
    // The names mostly stand right in front of the table: then the file is not read once more for them.
    const keptAt = Math.max(reader.offset, tableAt - NAMES_BEFORE_TABLE_BYTES);
    if (tableAt < reader.offset) throw malformed('elf-malformed', 'The ELF file has a broken header.');
    await reader.skip(keptAt - reader.offset);
    const before = Uint8Array.from(await reader.upTo(tableAt - keptAt));
    const first = Uint8Array.from(await reader.upTo(each));
    const zero = decodeElfEntry(first, 0, header);
    const count = header.count === 0 ? zero.size : header.count;
    const names = header.names === 0xffff ? zero.link : header.names;
    if (count < 1 || count > limits.entries || count * each > MOST_TABLE_BYTES)
      throw malformed('elf-limit', `The ELF file has a table of ${count} sections.`);
    const table = Buffer.concat([first, await reader.upTo((count - 1) * each)]);
    const entries = Array.from({ length: count }, (_, index) => decodeElfEntry(table, index, header));
    const where = entries[names];
    if (where === undefined || where.size > MOST_TABLE_BYTES)
      throw malformed('elf-malformed', 'The ELF file has no names for its sections.');
    const kept = where.at >= keptAt && where.at + where.size <= tableAt;
    const text = kept ? before.subarray(where.at - keptAt, where.at - keptAt + where.size) : await stretchOf(open, where.at, where.size);
    return { header, sections: elfSections(entries, text, limits), tableBytes: count * each };
  } finally {
    await reader.close();
  }
}

async function stretchOf(open: () => AsyncIterable<Uint8Array>, at: number, size: number): Promise<Uint8Array> {
  const reader = new ByteReader(open());
  try {
    await reader.skip(at);
    return await reader.upTo(size);
  } finally {
    await reader.close();
  }
}
