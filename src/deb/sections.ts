import { decompress } from '../format/compress.ts';
import { type ElfPart, readElf } from '../format/elf.ts';
import type { ElfSection } from '../format/elf-table.ts';
import type { ArchiveLimits } from '../format/limits.ts';
import { malformed } from '../format/malformed.ts';
import { ByteReader } from '../format/reader.ts';
import type { Leaf, Member } from './members.ts';
import type { Opening } from './opening.ts';

const STRTAB = 3;
const NOTE = 7;
const PROGBITS = 1;
const EXECUTABLE = 0x4;
const STRINGS = 0x20;
const COMPRESSED = 0x800;
const ZLIB = 1;
const ZSTD = 2;
const SIGNATURE_END = '~Module signature appended~\n'; // Documentation/admin-guide/module-signing.rst of the kernel
const MOST_SIGNATURE_BYTES = 64 * 1024;

/** The sections of an ELF file as members, by name; compressed ones come unpacked, and what signs a kernel module is called so. */
export async function* elfMembers(open: Opening, limits: ArchiveLimits): AsyncGenerator<Member> {
  for await (const part of readElf(open, limits)) {
    const { name, section } = part;
    if (section !== undefined) {
      const body = (section.flags & COMPRESSED) === 0 ? part.body : unpacked(section, part.body, limits);
      yield { name, body, attributes: [['flags', `0x${section.flags.toString(16)}`]], leaf: leafOf(section) };
    } else if (name === 'appended data') {
      yield await appended(part);
    } else {
      yield { name, body: part.body, attributes: [], leaf: 'bytes', follows: true };
    }
  }
}

function leafOf({ name, type, flags }: ElfSection): Leaf {
  if (name === '.modinfo') return 'modinfo';
  if (name === '__versions') return 'versions';
  if (name === '.gnu_debuglink') return 'debuglink';
  if (type === NOTE) return 'notes';
  if (type === STRTAB || (flags & STRINGS) !== 0) return 'strings';
  const meant = type === PROGBITS && (flags & EXECUTABLE) === 0 && !/^\.(debug_|eh_frame|got|plt|orc_)/.test(name);
  return meant ? 'some-strings' : 'bytes';
}

/** Elf64_Chdr or Elf32_Chdr, and then the packed bytes. */
async function* unpacked({ wide, little }: ElfSection, body: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(body);
  const header = Buffer.from(await reader.upTo(wide ? 24 : 12));
  if (header.length < 12) throw malformed('elf-malformed', 'The ELF file has a compressed section without a header.');
  const type = little ? header.readUInt32LE(0) : header.readUInt32BE(0);
  if (type !== ZLIB && type !== ZSTD) throw malformed('elf-unsupported', `The ELF file has a section compressed in the way ${type}.`);
  yield* decompress(type === ZLIB ? 'zlib' : 'zst', restOf(reader), limits);
}

async function* restOf(reader: ByteReader): AsyncGenerator<Uint8Array> {
  for (let piece = await reader.some(1024 * 1024); piece !== undefined; piece = await reader.some(1024 * 1024)) yield piece;
}

async function appended({ body }: ElfPart): Promise<Member> {
  const reader = new ByteReader(body);
  const start = Uint8Array.from(await reader.upTo(MOST_SIGNATURE_BYTES));
  const signs = start.length < MOST_SIGNATURE_BYTES && Buffer.from(start).toString('latin1').endsWith(SIGNATURE_END);
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield start;
    yield* restOf(reader);
  }
  return signs
    ? { name: 'module signature', body: whole(), attributes: [], leaf: 'bytes' }
    : { name: 'appended data', body: whole(), attributes: [] };
}
