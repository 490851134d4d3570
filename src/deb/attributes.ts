import type { ArMember } from '../format/ar.ts';
import type { CpioMember } from '../format/cpio.ts';
import type { TarMember } from '../format/tar.ts';
import type { ZipMember } from '../format/zip-directory.ts';
import type { Difference } from './types.ts';

export type AttributeName = Extract<Difference['what'], { kind: 'attribute' }>['attribute'];

/** Attributes of a member in the words in which they are shown; both sides have the same names in the same order. */
export type Attributes = readonly (readonly [AttributeName, string])[];

export function arAttributes({ mode, uid, gid, mtimeSeconds }: ArMember): Attributes {
  return [
    ['mode', octal(mode)],
    ['owner', String(uid)],
    ['group', String(gid)],
    ['mtime', moment(mtimeSeconds)],
  ];
}

export function cpioAttributes({ mode, uid, gid, mtimeSeconds, device, inode }: CpioMember): Attributes {
  return [
    ['mode', octal(mode)],
    ['owner', String(uid)],
    ['group', String(gid)],
    ['mtime', moment(mtimeSeconds)],
    ['device', device],
    ['inode', String(inode)],
  ];
}

export function zipAttributes({ mode, dosTime, utcSeconds, method, flags, comment, extra }: ZipMember): Attributes {
  return [
    ['mode', mode === undefined ? '' : octal(mode)],
    ['mtime', utcSeconds === undefined ? dosTime : `${dosTime} (${moment(utcSeconds)})`], // the first is local time of an unknown zone
    ['method', String(method)],
    ['flags', `0x${flags.toString(16)}`],
    ['comment', comment],
    ['extra', extra],
  ];
}

export function tarAttributes(member: TarMember): Attributes {
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
export function moment(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z');
}
