import type { ArtefactVerdict, Difference } from '../deb/types.ts';
import type { Clue, Pair } from './clue.ts';

/**
 * What a difference only follows from: checksums and sizes of what differs elsewhere are no leak of their own. Undefined when nothing else of the artefact
 * differs, so that it has to be explained after all.
 */
export function consequenceOf(clue: Clue, artefact: ArtefactVerdict): string | undefined {
  const why = reasonOf(clue, artefact.differences);
  if (why === undefined) return undefined;
  if (clue.difference.what.kind === 'field' && clue.name !== DEBUG_LINK) return why; // of a .buildinfo, which speaks of the other outputs
  return artefact.more > 0 || artefact.differences.some((other) => other !== clue.difference && !sameLeaf(other, clue.difference))
    ? why
    : undefined;
}

const DEBUG_LINK = '.gnu_debuglink';

function reasonOf(clue: Clue, all: readonly Difference[]): string | undefined {
  const { difference, name } = clue;
  const { what, trail } = difference;
  if (/\.note\.gnu\.build-id$|^\.notes$/.test(name) && isBuildId(what) && all.some((other) => partOfSame(other.trail, trail)))
    return 'The build id is a hash of the program, which differs elsewhere.';
  if (what.kind === 'attribute') return what.attribute === 'size' ? 'The size follows from the content.' : undefined;
  if (name === DEBUG_LINK) return 'It is the name and a checksum of the file with the debugging symbols.';
  if (what.kind === 'field' && what.field === 'sum of the font') return 'The sum follows from the tables of the font.';
  if (what.kind === 'field')
    return /^(?:Checksums-|Files\b)/i.test(what.field) ? 'The checksum follows from the content of the file.' : undefined;
  if (what.kind === 'only-in' && BUILD_ID_FILE.test(name)) {
    return all.some((other) => !BUILD_ID_FILE.test(other.trail.at(-1) ?? '') && !isListed(other))
      ? 'The file is named after the build id of a program that differs.'
      : undefined;
  }
  return what.kind === 'text' || what.kind === 'content' ? textReason(clue) : undefined;
}

/** Of a text that consists of checksums, or of a field that is computed. */
function textReason(clue: Clue): string | undefined {
  const { name, pairs } = clue;
  if (pairs.length === 0) return undefined;
  const list = /(?:^|\/)(?:md5sums|[A-Za-z0-9]*SUMS?)$/.test(name);
  if (!reordered(clue) && pairs.every((pair) => isChecksum(pair, list)))
    return 'Checksums follow from the content of the files that they name.';
  if (name.endsWith('/control') && pairs.every((pair) => isField(pair, 'Installed-Size'))) return 'Installed-Size follows from the files.';
  if (name.endsWith('/control') && pairs.every((pair) => isField(pair, 'Build-Ids')))
    return 'Build-Ids names the build ids of the programs.';
  return undefined;
}

/** A kernel has all of its notes in one section, its build id among them. */
function isBuildId(what: Difference['what']): boolean {
  return what.kind !== 'field' || what.field === 'build-id';
}

const BUILD_ID_FILE = /\/\.build-id\/[0-9a-f]{2}(?:\/[0-9a-f]+(?:\.debug)?|\/?)$/;

/** What only lists the other members. */
function isListed({ trail }: Difference): boolean {
  return trail[1]?.startsWith('control.tar') ?? false;
}

/** Another section of the same program. */
function partOfSame(other: readonly string[], own: readonly string[]): boolean {
  const file = own.slice(0, -1);
  return (
    other.length > file.length &&
    file.every((part, index) => part === other[index]) &&
    other.at(-1) !== own.at(-1) &&
    other.at(-1) !== DEBUG_LINK
  );
}

function sameLeaf(a: Difference, b: Difference): boolean {
  return a.trail.length === b.trail.length && a.trail.every((part, index) => part === b.trail[index]);
}

const CHECKSUM = /^\s*\\?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?: [ *]|\s+\d+\s+)(?<name>.+)$/;

/** `digest  name` on both sides; in a list of checksums the names may be others, as the files' own differences say. */
function isChecksum({ first, second }: Pair, list: boolean): boolean {
  const [one, two] = [CHECKSUM.exec(first)?.groups, CHECKSUM.exec(second)?.groups];
  if (list) return (one !== undefined || first === '') && (two !== undefined || second === '');
  return one !== undefined && two !== undefined && one['name'] === two['name'];
}

/** The same lines in another order have a reason of their own. */
function reordered({ lines, whole }: Clue): boolean {
  if (lines === undefined || !whole || lines.first.length !== lines.second.length) return false;
  const there = new Set(lines.second);
  return lines.first.every((line) => there.has(line));
}

function isField({ first, second }: Pair, field: string): boolean {
  return first.startsWith(`${field}: `) && second.startsWith(`${field}: `);
}
