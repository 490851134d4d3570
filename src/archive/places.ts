import type { LockedFile, LockedSuite } from '../lock/types.ts';
import type { ExtraArchive } from '../recipe/recipe.ts';
import type { Mirrors } from './types.ts';

/** Where a file is looked for, to be spread into a Wanted of store/fetch.ts. */
export type Places = { readonly urls: readonly string[]; readonly fallbackUrls: readonly string[] };

const SNAPSHOT = 'https://snapshot.debian.org';
const HALF_DAY_SECONDS = 12 * 3600;

/** Where a locked file is looked for: the mirrors in their order, then the snapshot archive as it was when the lock was made. */
export function urlsOf(
  file: Pick<LockedFile, 'archive' | 'path'>,
  context: { readonly suites: readonly LockedSuite[]; readonly mirrors: Mirrors; readonly archives: readonly ExtraArchive[] },
): Places {
  const dates = context.suites.filter(({ archive }) => archive === file.archive).map(({ date }) => Date.parse(date) / 1000);
  return placesOf(file, { mirrors: context.mirrors, archives: context.archives, dates });
}

/**
 * The same for any dates. A snapshot's time is when it was taken, some hours after the Date of the Release file in it, and the archive gives the last
 * one before a time: so half a day later comes first, when files of that Release are still there, too.
 */
export function placesOf(
  file: Pick<LockedFile, 'archive' | 'path'>,
  context: { readonly mirrors: Mirrors; readonly archives: readonly ExtraArchive[]; readonly dates: readonly number[] },
): Places {
  if (file.archive === 'url') return { urls: [file.path], fallbackUrls: [] };
  const path = file.path.split('/').map(encodePart).join('/');
  const bases = mirrorsOf(file.archive, context.mirrors);
  if (bases === undefined) {
    const own = context.archives.filter(({ name }) => name === file.archive);
    return { urls: own.map(({ url }) => `${url.replace(/\/+$/, '')}/${path}`), fallbackUrls: [] };
  }
  const newest = Math.max(...context.dates);
  const stamps = Number.isFinite(newest) ? [stamp(newest + HALF_DAY_SECONDS), stamp(newest)] : [];
  return {
    urls: bases.map((base) => `${base}/${path}`),
    fallbackUrls: stamps.map((at) => `${snapshotOf(context.mirrors)}/archive/${file.archive}/${at}/${path}`),
  };
}

/** Base URL of the snapshot archive: `archive/` and `mr/` lie below it. */
export function snapshotOf({ snapshot }: Pick<Mirrors, 'snapshot'>): string {
  return snapshot ?? SNAPSHOT;
}

/** Mirrors of Debian's own archives; undefined for an archive of the user's. */
export function mirrorsOf(archive: string, mirrors: Mirrors): readonly string[] | undefined {
  if (archive === 'debian') return mirrors.debian;
  return archive === 'debian-security' ? mirrors.security : undefined;
}

/** YYYYMMDDTHHMMSSZ */
export function stamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replaceAll(/[-:]|\.[0-9]+/g, '');
}

/** A name in a path of a URL. A plus sign and a tilde stay, as mirrors spell them so. */
export function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll('%2B', '+').replaceAll('%3A', ':');
}
