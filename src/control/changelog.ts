import type { SourceText } from '../base/location.ts';
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
  let heading: RegExpExecArray | undefined;
  let at = 0;
  let headingEnd = 0;
  for (const line of file.text.split('\n')) {
    const end = at + line.length;
    const problem = (reason: string, message: string) =>
      fail({ kind: 'usage', reason, message, at: { source: file, start: at, end } } as const);
    if (heading === undefined) {
      if (line.trim() !== '' && !NOT_AN_ENTRY.test(line)) {
        const match = HEADING.exec(line);
        if (match === null) return problem('changelog-heading', 'A changelog starts with "source (version) distribution; urgency=…".');
        if (parseVersion(match[2] ?? '') === undefined) return problem('changelog-version', `${match[2]} is not a Debian version.`);
        heading = match;
        headingEnd = end;
      }
    } else if (line.startsWith(' -- ')) {
      const date = TRAILER.exec(line);
      if (date === null) return problem('changelog-trailer', 'An entry ends with " -- Name <address>  date".');
      const epochSeconds = parseDate(date[1] ?? '');
      if (epochSeconds === undefined)
        return problem('changelog-date', `"${date[1]}" is not a date such as "Mon, 26 Dec 2022 16:30:00 +0100".`);
      const [, source = '', version = '', distributions = ''] = heading;
      return ok({ source, version, distributions: distributions.trim().split(' '), epochSeconds });
    } else if (/^\S/.test(line) && HEADING.test(line)) {
      return problem('changelog-trailer', 'A new entry starts before the one above it has its " -- Name <address>  date".');
    }
    at = end + 1;
  }
  if (heading === undefined)
    return fail({
      kind: 'usage',
      reason: 'changelog-heading',
      message: 'The changelog has no entry.',
      at: { source: file, start: 0, end: 0 },
    });
  return fail({
    kind: 'usage',
    reason: 'changelog-trailer',
    message: 'The newest entry has no " -- Name <address>  date".',
    at: { source: file, start: 0, end: headingEnd },
  });
}
