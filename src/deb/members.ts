import { readAr } from '../format/ar.ts';
import { isBzImage, readBzImage } from '../format/bzimage.ts';
import { type Compression, compressionOf } from '../format/compress.ts';
import { BEHIND_TRAILER, readCpio } from '../format/cpio.ts';
import { ELF_MAGIC } from '../format/elf.ts';
import type { ArchiveLimits } from '../format/limits.ts';
import { PNG_MAGIC, readPng } from '../format/png.ts';
import { isSfnt, readSfnt } from '../format/sfnt.ts';
import { readTar } from '../format/tar.ts';
import { readZip } from '../format/zip.ts';
import { type Attributes, arAttributes, cpioAttributes, tarAttributes, zipAttributes } from './attributes.ts';
import type { Opening } from './opening.ts';
import { elfMembers } from './sections.ts';

/** What kind of bytes a member without members of its own is known to have, so that its difference can be shown as what it means. */
export type Leaf =
  | 'strings'
  | 'some-strings'
  | 'modinfo'
  | 'versions'
  | 'notes'
  | 'debuglink'
  | 'png-text'
  | 'png-time'
  | 'font-head'
  | 'bytes';

/** A member of an archive of any kind, its attributes in the words in which they are shown. */
export type Member = {
  readonly name: string;
  readonly attributes: Attributes;
  readonly body: AsyncIterable<Uint8Array>;
  readonly leaf?: Leaf;
  readonly follows?: boolean; // it differs whenever something else of the archive does: worth a word only when nothing else differs
};

export type ArchiveKind = 'ar' | 'tar' | 'cpio' | 'zip' | 'elf' | 'png' | 'sfnt' | 'bzimage';

/** What can be looked into. */
export type Form = { readonly kind: ArchiveKind } | { readonly kind: 'compressed'; readonly compression: Compression };

/** Bytes that are needed to see a form. */
export const HEAD_BYTES = 1024;

/** The form of some content, by its first bytes; undefined for anything that has no inside. */
export function formOf(head: Uint8Array): Form | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  if (text.startsWith('!<arch>\n')) return { kind: 'ar' };
  if (text.slice(257, 262) === 'ustar') return { kind: 'tar' };
  if (/^07070[12][0-9A-Fa-f]{104}/.test(text)) return { kind: 'cpio' };
  if (text.startsWith('PK\x03\x04') || text.startsWith('PK\x05\x06')) return { kind: 'zip' };
  if (text.startsWith(ELF_MAGIC)) return { kind: 'elf' };
  if (text.startsWith(PNG_MAGIC)) return { kind: 'png' };
  if (isBzImage(head)) return { kind: 'bzimage' };
  if (isSfnt(head)) return { kind: 'sfnt' };
  const compression = compressionOf(head);
  return compression === 'none' ? undefined : { kind: 'compressed', compression };
}

/** The members of an archive in its order. A body must be read before the next member is asked for. */
export async function* membersOf(kind: ArchiveKind, open: Opening, limits: ArchiveLimits): AsyncGenerator<Member> {
  switch (kind) {
    case 'ar':
      for await (const { member, body } of readAr(open(), limits)) yield { name: member.name, body, attributes: arAttributes(member) };
      return;
    case 'tar':
      for await (const { member, body } of readTar(open(), limits)) yield { name: member.name, body, attributes: tarAttributes(member) };
      return;
    case 'cpio':
      for await (const { member, body } of readCpio(open(), limits)) {
        yield { name: member.name, body, attributes: member.name === BEHIND_TRAILER ? [] : cpioAttributes(member) };
      }
      return;
    case 'zip':
      for await (const { member, body } of readZip(open, limits)) yield { name: member.name, body, attributes: zipAttributes(member) };
      return;
    case 'png':
      for await (const { type, body } of readPng(open(), limits)) yield { name: type, body, attributes: [], leaf: chunkLeaf(type) };
      return;
    case 'bzimage':
      yield* bzImageMembers(open);
      return;
    case 'sfnt':
      for await (const { tag, body } of readSfnt(open(), limits)) {
        yield { name: tag, body, attributes: [], leaf: tag === 'head' || tag === 'FFTM' ? 'font-head' : 'bytes' };
      }
      return;
    case 'elf':
      yield* elfMembers(open, limits);
      return;
    default:
      kind satisfies never;
  }
}

/** Where things are in a kernel image follows from how large its payload is. */
async function* bzImageMembers(open: Opening): AsyncGenerator<Member> {
  for await (const { name, body } of readBzImage(open())) {
    if (name === 'payload') yield { name, body, attributes: [] };
    else yield { name, body, attributes: [], leaf: name === 'setup' ? 'some-strings' : 'bytes', follows: name !== 'setup' };
  }
}

function chunkLeaf(type: string): Leaf {
  if (type === 'tEXt' || type === 'iTXt') return 'png-text';
  return type === 'tIME' ? 'png-time' : 'bytes';
}
