import { escapeControl } from '../base/escape.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { encodePart, snapshotOf, stamp } from './places.ts';
import type { Mirrors } from './types.ts';

/** When a snapshot archive saw a file for the first time, and in which archive. Nobody signs this: it only says where to look. */
export type Sighting = { readonly archive: string; readonly seconds: number; readonly name: string };

/** The address of an archive as it was at a time: what the snapshot archive took last before it. */
export function snapshotFolder(archive: string, seconds: number, mirrors: Mirrors): string {
  return `${snapshotOf(mirrors)}/archive/${encodePart(archive)}/${stamp(seconds)}`;
}

/** Where the machine-readable interface tells of the files of a binary package in a version. */
export function binaryFilesUrl(name: string, version: string, mirrors: Mirrors): string {
  return `${snapshotOf(mirrors)}/mr/binary/${encodePart(name)}/${encodePart(version)}/binfiles?fileinfo=1`;
}

/** The same for a source package. */
export function sourceFilesUrl(name: string, version: string, mirrors: Mirrors): string {
  return `${snapshotOf(mirrors)}/mr/package/${encodePart(name)}/${encodePart(version)}/srcfiles?fileinfo=1`;
}

const MOST_SIGHTINGS = 10_000;

/**
 * Reads an answer of the machine-readable interface: `{"fileinfo": {"SHA1": [{"archive_name", "first_seen", "name", "path", "size"}]}}`.
 *
 * @returns the sightings, the earliest first; an infrastructure failure snapshot-malformed
 */
export function parseSightings(label: string, bytes: Uint8Array): Result<readonly Sighting[]> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return malformed(label);
  }
  const info = isObject(value) ? value['fileinfo'] : undefined;
  if (!isObject(info)) return malformed(label);
  const entries = Object.values(info).flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  if (entries.length > MOST_SIGHTINGS) return malformed(label);
  const sightings = entries.flatMap((entry) => {
    if (!isObject(entry)) return [];
    const { archive_name: archive, first_seen: seen, name } = entry;
    const seconds = typeof seen === 'string' ? secondsOf(seen) : undefined;
    const proper = typeof archive === 'string' && /^[a-z][a-z0-9-]*$/.test(archive) && typeof name === 'string';
    return proper && seconds !== undefined ? [{ archive, seconds, name }] : [];
  });
  return ok(sightings.sort((a, b) => a.seconds - b.seconds));
}

/** 20230612T091500Z */
function secondsOf(text: string): number | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  return stamp(milliseconds / 1000) === text ? milliseconds / 1000 : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(label: string): Result<never> {
  return fail({
    kind: 'infrastructure',
    reason: 'snapshot-malformed',
    message: `The snapshot archive's answer about ${escapeControl(label)} cannot be understood`,
    next: 'Try again later.',
  });
}
