import { parseSha256, type Sha256, sha256 } from '../base/digest.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type FetchOptions, fetchDocument } from '../store/fetch.ts';
import { offlineFailure } from '../store/miss.ts';
import type { Store } from '../store/types.ts';
import type { Keyring } from './keyring.ts';
import { distPath } from './lists.ts';
import type { Places } from './places.ts';
import { checkDates, checkSuite, parseRelease, type Release } from './release.ts';
import { verifyInRelease } from './signature.ts';

const MOST_BYTES = 16 * 1024 * 1024; // Debian's largest are below 300 kB

/** A suite whose signed list is wanted. */
export type WantedSuite = {
  readonly archive: string;
  readonly suite: string;
  readonly keyring: Keyring; // the only one that vouches for this archive
  readonly places: Places; // of its InRelease
  readonly guessed: boolean; // the places come from the host's configuration and may be of somebody else's archive
  readonly locked: Sha256 | undefined; // the very file that a lock names
};

/** A suite's signed list: verified, of that suite, and in the store. */
export type SignedSuite = {
  readonly archive: string;
  readonly suite: string;
  readonly digest: Sha256;
  readonly size: number;
  readonly release: Release;
};

export type InReleaseContext = {
  readonly store: Store;
  readonly fetch: FetchOptions;
  readonly nowSeconds: number;
  readonly anyDate?: boolean; // an old list vouches for its versions as well as a new one: for what is looked up by its exact version
};

/** Gets the signed list of a suite: the newest one, or the one that a lock names; offline the newest one that was seen. */
export async function obtainInRelease(wanted: WantedSuite, context: InReleaseContext): Promise<Result<SignedSuite>> {
  if (wanted.locked !== undefined) return obtainLocked(wanted, wanted.locked, context);
  if (context.fetch.offline) return newestSeen(wanted, context);
  let places = wanted.places;
  for (;;) {
    const got = await fetchDocument({ label: labelOf(wanted), ...places }, MOST_BYTES, context.fetch);
    if (!got.ok) return got;
    const { bytes, url } = got.value;
    const checked = await check(wanted, bytes, context);
    if (checked.ok) return keep(checked.value, bytes, context);
    const others = places.urls.slice(places.urls.indexOf(url) + 1);
    // A line of the host's sources.list that looks like Debian may be something else; a wrong signature is never passed over.
    if (checked.error.reason !== 'signature-unknown-key' || !wanted.guessed || others.length === 0) return checked;
    context.fetch.running.tell({ kind: 'warning', text: `${url} is not signed by Debian: passed over` });
    places = { ...places, urls: others };
  }
}

/** Verifies an InRelease that is in the store already, as of the time when it was signed: for a lock. */
export async function readInRelease(
  wanted: Pick<WantedSuite, 'archive' | 'suite' | 'keyring'>,
  digest: Sha256,
  store: Store,
): Promise<Result<SignedSuite>> {
  const bytes = await store.readAll(digest);
  return bytes.ok ? verified(wanted, bytes.value, undefined) : bytes;
}

/**
 * Gets a list as a snapshot archive kept it. It is judged as of the time when it was signed: that it is long past its Valid-Until is the point.
 *
 * @param url of the InRelease
 */
export async function obtainKept(
  wanted: Pick<WantedSuite, 'archive' | 'suite' | 'keyring'>,
  url: string,
  { store, fetch }: Pick<InReleaseContext, 'store' | 'fetch'>,
): Promise<Result<SignedSuite>> {
  const got = await fetchDocument({ label: labelOf(wanted), urls: [url] }, MOST_BYTES, fetch);
  if (!got.ok) return got;
  const { bytes } = got.value;
  const signed = await verified(wanted, bytes, undefined);
  if (!signed.ok) return signed;
  const added = await store.add(once(bytes), { sha256: signed.value.digest, size: bytes.length });
  return added.ok ? signed : added;
}

const SEEN = 'in-release-seen';
const MOST_SEEN = 100;

/** Digests of the lists of a suite that were verified before, the newest first. Whether the store still has them is another question. */
export async function allSeen({ archive, suite }: Pick<WantedSuite, 'archive' | 'suite'>, store: Store): Promise<readonly Sha256[]> {
  const state = (await store.readState(SEEN, `${archive} ${suite}`)) as { digests?: unknown } | undefined;
  return Array.isArray(state?.digests) ? state.digests.flatMap((digest) => parseSha256(String(digest)) ?? []) : [];
}

async function obtainLocked(wanted: WantedSuite, digest: Sha256, context: InReleaseContext): Promise<Result<SignedSuite>> {
  if (await context.store.has(digest)) return readInRelease(wanted, digest, context.store);
  const label = labelOf(wanted);
  for (const url of [...wanted.places.urls, ...wanted.places.fallbackUrls]) {
    const got = await fetchDocument({ label, urls: [url] }, MOST_BYTES, context.fetch);
    if (!got.ok && got.error.kind !== 'infrastructure') return got;
    if (!got.ok || sha256(got.value.bytes) !== digest) continue; // a newer one
    const checked = await verified(wanted, got.value.bytes, undefined);
    return checked.ok ? keep(checked.value, got.value.bytes, context) : checked;
  }
  return fail({
    kind: 'infrastructure',
    reason: 'file-gone',
    message: `${label} as the lock names it is nowhere to be had`,
    next: 'Try again where snapshot.debian.org can be reached, or resolve the lock anew with `twinbuild lock`.',
    details: [`sha256 ${digest}`],
  });
}

async function newestSeen(wanted: WantedSuite, context: InReleaseContext): Promise<Result<SignedSuite>> {
  const digest = await seen(wanted, context.store);
  if (digest === undefined || !(await context.store.has(digest))) return fail(offlineFailure([labelOf(wanted)]));
  const bytes = await context.store.readAll(digest);
  return bytes.ok ? check(wanted, bytes.value, context) : bytes;
}

/** All that is asked of a list from which something is resolved anew. */
async function check(wanted: WantedSuite, bytes: Uint8Array, context: InReleaseContext): Promise<Result<SignedSuite>> {
  if (context.anyDate) return verified(wanted, bytes, undefined);
  const signed = await verified(wanted, bytes, context.nowSeconds);
  if (!signed.ok) return signed;
  const dates = checkDates(signed.value.release, wanted.archive, wanted.suite, context.nowSeconds);
  return dates.ok ? signed : dates;
}

async function verified(
  wanted: Pick<WantedSuite, 'archive' | 'suite' | 'keyring'>,
  bytes: Uint8Array,
  nowSeconds: number | undefined,
): Promise<Result<SignedSuite>> {
  const { archive, suite } = wanted;
  const label = labelOf(wanted);
  const signed = await verifyInRelease(bytes, wanted.keyring, nowSeconds);
  if (!signed.ok) return fail({ ...signed.error, message: `${label}: ${signed.error.message}` });
  const release = parseRelease(label, signed.value.text);
  if (!release.ok) return release;
  const named = checkSuite(release.value, archive, suite);
  return named.ok ? ok({ archive, suite, digest: sha256(bytes), size: bytes.length, release: release.value }) : named;
}

async function keep(signed: SignedSuite, bytes: Uint8Array, context: InReleaseContext): Promise<Result<SignedSuite>> {
  const { store } = context;
  const added = await store.add(once(bytes), { sha256: signed.digest, size: bytes.length });
  if (!added.ok) return added;
  const before = (await allSeen(signed, store)).filter((digest) => digest !== signed.digest);
  const listed = await store.writeState(SEEN, `${signed.archive} ${signed.suite}`, {
    digests: [signed.digest, ...before].slice(0, MOST_SEEN),
  });
  if (!listed.ok) return listed;
  const last = (await store.readState('in-release', `${signed.archive} ${signed.suite}`)) as { seconds?: unknown } | undefined;
  const lastSeconds = typeof last?.seconds === 'number' ? last.seconds : 0;
  if (lastSeconds > signed.release.dateSeconds) {
    context.fetch.running.tell({
      kind: 'warning',
      text: `${labelOf(signed)} is of ${isoDate(signed.release.dateSeconds)}, older than one of ${isoDate(lastSeconds)} that was seen before: the mirror lags behind`,
    });
    return ok(signed);
  }
  const noted = await store.writeState('in-release', `${signed.archive} ${signed.suite}`, {
    digest: signed.digest,
    seconds: signed.release.dateSeconds,
  });
  return noted.ok ? ok(signed) : noted;
}

async function seen(wanted: { readonly archive: string; readonly suite: string }, store: Store): Promise<Sha256 | undefined> {
  const state = (await store.readState('in-release', `${wanted.archive} ${wanted.suite}`)) as { digest?: unknown } | undefined;
  return typeof state?.digest === 'string' ? parseSha256(state.digest) : undefined;
}

/** Seconds as ISO 8601 in UTC, without a fraction. */
export function isoDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.[0-9]+Z$/, 'Z');
}

function labelOf({ archive, suite }: { readonly archive: string; readonly suite: string }): string {
  return `${archive} ${distPath(suite)}InRelease`;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
