import { readAr } from '../format/ar.ts';
import { type Compression, compressionOf } from '../format/compress.ts';
import type { ArchiveLimits } from '../format/limits.ts';
import { readTar, type TarMember } from '../format/tar.ts';
import type { Difference } from './types.ts';

export type AttributeName = Extract<Difference['what'], { kind: 'attribute' }>['attribute'];

/** A member of an archive of any kind, its attributes in the words in which they are shown. */
export type Member = {
  readonly name: string;
  readonly attributes: readonly (readonly [AttributeName, string])[];
  readonly body: AsyncIterable<Uint8Array>;
};

/** What can be looked into. */
export type Form = { readonly kind: 'ar' | 'tar' } | { readonly kind: 'compressed'; readonly compression: Compression };

/** Bytes that are needed to see a form. */
export const HEAD_BYTES = 512;

/** The form of some content, by its first bytes; undefined for anything that has no inside. */
export function formOf(head: Uint8Array): Form | undefined {
  const text = Buffer.from(head).toString('latin1');
  if (text.startsWith('!<arch>\n')) return { kind: 'ar' };
  if (text.slice(257, 262) === 'ustar') return { kind: 'tar' };
  const compression = compressionOf(head);
  return compression === 'none' ? undefined : { kind: 'compressed', compression };
}

/** The members of an archive in its order. A body must be read before the next member is asked for. */
export async function* membersOf(kind: 'ar' | 'tar', bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits): AsyncGenerator<Member> {
  if (kind === 'ar') {
    for await (const { member, body } of readAr(bytes, limits)) {
      const { name, mode, uid, gid, mtimeSeconds } = member;
      yield {
        name,
        body,
        attributes: [
          ['mode', octal(mode)],
          ['owner', String(uid)],
          ['group', String(gid)],
          ['mtime', moment(mtimeSeconds)],
        ],
      };
    }
  } else {
    for await (const { member, body } of readTar(bytes, limits)) yield { name: member.name, body, attributes: tarAttributes(member) };
  }
}

function tarAttributes(member: TarMember): readonly (readonly [AttributeName, string])[] {
  const { type, mode, uid, gid, uname, gname, mtimeSeconds, link, devmajor, devminor, pax } = member;
  return [
    ['type', type],
    ['mode', octal(mode)],
    ['owner', uname === '' ? String(uid) : `${uname} (${uid})`],
    ['group', gname === '' ? String(gid) : `${gname} (${gid})`],
    ['mtime', moment(mtimeSeconds)],
    ['link', link],
    ['device', type === 'character' || type === 'block' ? `${devmajor}, ${devminor}` : ''],
    [
      'pax',
      Object.entries(pax)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
  ];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** ISO 8601 in UTC, or the bare seconds of a time that no calendar has. */
function moment(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}
