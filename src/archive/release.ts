import { parseSha256, type Sha256 } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, failureOf, ok, type Result } from '../base/result.ts';
import { parseDate } from '../control/date.ts';
import { type Stanza, stanzasOf } from '../control/stanza.ts';

/** What a Release file says of its suite (DebianRepository/Format in Debian's wiki). */
export type Release = {
  readonly origin: string;
  readonly suite: string;
  readonly codename: string;
  readonly dateSeconds: number; // since 1970-01-01T00:00:00Z
  readonly validUntilSeconds: number | undefined;
  readonly components: readonly string[]; // as written; that of a security archive may have `updates/` in front
  readonly architectures: readonly string[];
  readonly noPackagesForAll: boolean; // packages of architecture all stand in the indices of the others
  readonly byHash: boolean;
  readonly notAutomatic: boolean; // apt takes from it only what is nowhere else, as from backports
  readonly indices: ReadonlyMap<string, { readonly size: number; readonly sha256: Sha256 }>; // by path below the Release file
};

const CLOCK_TOLERANCE_SECONDS = 24 * 3600;
const MOST_INDICES = 200_000;
const SAFE_PATH = /^(?!\/)(?!(?:.*\/)?\.\.?(?:\/|$))[!-~]+$/;

/** Parses a Release file, which must be signed text already. Failures: release-malformed (unverified-input). */
export function parseRelease(name: string, text: string): Result<Release> {
  try {
    const [stanza, more] = [...stanzasOf({ name, text }, { comments: false })];
    if (stanza === undefined || more !== undefined) return fail(malformed(name, 'it is not one paragraph'));
    const dateSeconds = parseDate(stanza.get('Date') ?? '');
    const validUntil = stanza.get('Valid-Until');
    const validUntilSeconds = validUntil === undefined ? undefined : parseDate(validUntil);
    if (dateSeconds === undefined) return fail(malformed(name, 'it has no Date that can be read'));
    if (validUntil !== undefined && validUntilSeconds === undefined) return fail(malformed(name, 'its Valid-Until cannot be read'));
    const indices = indicesOf(stanza);
    if (typeof indices === 'string') return fail(malformed(name, indices));
    return ok({
      origin: stanza.get('Origin') ?? '',
      suite: stanza.get('Suite') ?? '',
      codename: stanza.get('Codename') ?? '',
      dateSeconds,
      validUntilSeconds,
      components: words(stanza.get('Components')),
      architectures: words(stanza.get('Architectures')),
      noPackagesForAll: words(stanza.get('No-Support-for-Architecture-all')).includes('Packages'),
      byHash: stanza.get('Acquire-By-Hash') === 'yes',
      notAutomatic: stanza.get('NotAutomatic') === 'yes',
      indices,
    });
  } catch (error) {
    return fail(failureOf(error));
  }
}

/**
 * Refuses a Release file that is of another suite than the one asked for: a mirror could give us a signed file of somewhere else. A repository
 * without folders for suites (`suite` ends with a slash) need not have a name.
 */
export function checkSuite(release: Release, archive: string, suite: string): Result<void> {
  const names = [release.suite, release.codename].filter((name) => name !== '');
  if (names.includes(suite) || suite.endsWith('/')) return ok(undefined);
  return fail({
    kind: 'unverified-input',
    reason: 'release-other-suite',
    message: `the archive ${archive} gave the signed file of another suite: ${names.map(escapeControl).join(', ') || 'one without a name'} instead of ${suite}`,
    next: 'Nothing of it was used. Name another mirror, or write the suite as the archive calls it.',
  });
}

/** Whether a Release file may be used to resolve anew: not past its Valid-Until, and not from the future. */
export function checkDates(release: Release, archive: string, suite: string, nowSeconds: number): Result<void> {
  const day = (seconds: number): string => new Date(seconds * 1000).toISOString();
  if (release.validUntilSeconds !== undefined && release.validUntilSeconds < nowSeconds) {
    return fail({
      kind: 'unverified-input',
      reason: 'release-expired',
      message: `the list of ${archive} ${suite} was valid until ${day(release.validUntilSeconds)} only`,
      next: "The mirror is out of date, or this machine's clock is wrong. Name another mirror with TWINBUILD_MIRROR, or set the clock.",
    });
  }
  if (release.dateSeconds > nowSeconds + CLOCK_TOLERANCE_SECONDS) {
    return fail({
      kind: 'unverified-input',
      reason: 'release-from-the-future',
      message: `the list of ${archive} ${suite} is of ${day(release.dateSeconds)}, which is yet to come`,
      next: "Set this machine's clock.",
    });
  }
  return ok(undefined);
}

/** The lines of the SHA256 field, or what is wrong with them. */
function indicesOf(stanza: Stanza): Map<string, { size: number; sha256: Sha256 }> | string {
  const indices = new Map<string, { size: number; sha256: Sha256 }>();
  const lines = stanza.lines('SHA256');
  if (lines.length === 0) return 'it has no SHA256 sums';
  if (lines.length > MOST_INDICES) return `it names more than ${MOST_INDICES} files`;
  for (const line of lines) {
    const match = /^([0-9a-fA-F]{64})\s+([0-9]{1,15})\s+(\S+)$/.exec(line);
    const sha256 = parseSha256(match?.[1]?.toLowerCase() ?? '');
    const [size, path] = [Number(match?.[2]), match?.[3]];
    if (sha256 === undefined || path === undefined) return `a line of its sums cannot be read: ${escapeControl(line.slice(0, 120))}`;
    if (!SAFE_PATH.test(path)) continue; // of no use to us, and never asked for
    const before = indices.get(path);
    if (before && (before.sha256 !== sha256 || before.size !== size)) return `it names ${escapeControl(path)} twice, with different sums`;
    indices.set(path, { size, sha256 });
  }
  return indices;
}

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '');
}

function malformed(name: string, why: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'release-malformed',
    message: `${name} cannot be understood: ${why}`,
    next: 'Name another mirror with TWINBUILD_MIRROR, or tell the owner of the archive.',
  };
}
