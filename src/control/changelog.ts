import type { Location, SourceText } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { parseDate } from './date.ts';
import { parseVersion } from './version.ts';

/** One entry of a debian/changelog. */
export type ChangelogEntry = {
  readonly source: string;
  readonly version: string;
  readonly distributions: readonly string[];
  readonly epochSeconds: number; // when it was finished, since 1970-01-01T00:00:00Z
};

const HEADING = /^([a-z0-9][a-z0-9+.-]*) \(([^()\s]+)\)((?: [A-Za-z0-9+.:~-]+)+);/i;
const TRAILER = /^ -- .*<.*> {1,2}(\S.*?)\s*$/;
const NOT_AN_ENTRY = /^(#|\/\*|vim?:|;;|\$)/i; // editors' and version control's lines that deb-changelog(5) readers skip

/**
 * The newest entry of a changelog, which stands first (deb-changelog(5)).
 *
 * @returns a `usage` failure (changelog-heading, changelog-trailer, changelog-version, changelog-date) with its place
 */
export function newestEntry(file: SourceText): Result<ChangelogEntry> {
  let heading: Heading | undefined;
  let at = 0;
  for (const text of file.text.split('\n')) {
    const line = { text, at: { source: file, start: at, end: at + text.length } };
    at += text.length + 1;
    if (heading === undefined) {
      if (text.trim() === '' || NOT_AN_ENTRY.test(text)) continue;
      const read = readHeading(line);
      if (!read.ok) return read;
      heading = read.value;
    } else if (text.startsWith(' -- ')) {
      const epochSeconds = readTrailer(line);
      return epochSeconds.ok ? ok({ ...heading, epochSeconds: epochSeconds.value }) : epochSeconds;
    } else if (HEADING.test(text)) {
      return problem('changelog-trailer', 'A new entry starts before the one above it has its " -- Name <address>  date".', line);
    }
  }
  const start = { text: '', at: { source: file, start: 0, end: Math.max(0, file.text.indexOf('\n')) } };
  if (heading === undefined) return problem('changelog-heading', 'The changelog has no entry.', start);
  return problem('changelog-trailer', 'The newest entry has no " -- Name <address>  date".', start);
}

type Line = { readonly text: string; readonly at: Location };
type Heading = Omit<ChangelogEntry, 'epochSeconds'>;

function readHeading(line: Line): Result<Heading> {
  const match = HEADING.exec(line.text);
  if (match === null) return problem('changelog-heading', 'A changelog starts with "source (version) distribution; urgency=…".', line);
  const [, source = '', version = '', distributions = ''] = match;
  if (parseVersion(version) === undefined) return problem('changelog-version', `${version} is not a Debian version.`, line);
  return ok({ source, version, distributions: distributions.trim().split(' ') });
}

function readTrailer(line: Line): Result<number> {
  const date = TRAILER.exec(line.text)?.[1];
  if (date === undefined) return problem('changelog-trailer', 'An entry ends with " -- Name <address>  date".', line);
  const epochSeconds = parseDate(date);
  return epochSeconds === undefined
    ? problem('changelog-date', `"${date}" is not a date such as "Mon, 26 Dec 2022 16:30:00 +0100".`, line)
    : ok(epochSeconds);
}

function problem(reason: string, message: string, line: Line): Result<never> {
  return fail({ kind: 'usage', reason, message, at: line.at });
}
