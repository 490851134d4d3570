import type { Sha256 } from '../base/digest.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Sleep } from './gate.ts';
import { offlineFailure } from './miss.ts';
import type { Proxies } from './transport.ts';
import type { Store } from './types.ts';

/** A file that the store shall have, and where to look for it. */
export type Wanted = {
  readonly file: { readonly size: number | undefined; readonly sha256: Sha256 }; // size: undefined when only the digest is known
  readonly label: string; // for people: 'hello_2.10-3_amd64.deb'
  readonly urls: readonly string[]; // in this order
  readonly fallbackUrls?: readonly string[]; // then these; when they cannot be reached, the file counts as gone if it is gone from `urls`
};

/** A file of which nobody knows the digest. */
export type Document = Pick<Wanted, 'label' | 'urls' | 'fallbackUrls'>;

export type FetchOptions = {
  readonly running: Running;
  readonly offline: boolean;
  readonly random: () => number; // from 0 to below 1
  readonly userAgent: string;
  readonly connectionsPerHost?: number; // default 4
  readonly proxies?: Proxies;
  readonly retries?: number; // of one address, without progress; default 4
  readonly stallMs?: number; // a server that is silent for so long is left; default 30 s
  readonly sleep?: Sleep;
};

/**
 * Fetches what the store does not have. Every file is tried to the end, so that all that is missing is said at once.
 *
 * Failures: `digest-mismatch` (unverified-input), and of kind infrastructure `offline-missing`, `file-gone` (every server says that it
 * does not have it), `unreachable`, `disk-full`; or what `running.signal` was aborted with.
 */
export async function fetchFiles(store: Store, wanted: readonly Wanted[], options: FetchOptions): Promise<Result<void>> {
  const missing = await notThere(store, wanted);
  if (missing.length === 0) return ok(undefined);
  if (options.offline) return fail(offlineFailure(missing.map(({ label }) => label)));
  const { downloadFiles } = await import('./download.ts'); // an HTTP client, which most runs do not need
  return downloadFiles(store, missing, options);
}

/** Fetches a small file of unknown digest, such as a signed list. Nothing vouches for it yet. Failures as of fetchFiles. */
export async function fetchDocument(
  wanted: Document,
  limitBytes: number,
  options: FetchOptions,
): Promise<Result<{ readonly bytes: Uint8Array; readonly url: string }>> {
  if (options.offline) return fail(offlineFailure([wanted.label]));
  const { downloadDocument } = await import('./download.ts');
  return downloadDocument(wanted, limitBytes, options);
}

/** What the store lacks, one of each digest. */
async function notThere(store: Store, wanted: readonly Wanted[]): Promise<readonly Wanted[]> {
  const unique = [...new Map(wanted.map((each) => [each.file.sha256, each] as const)).values()];
  const there = await Promise.all(unique.map(({ file }) => store.has(file.sha256, file.size)));
  return unique.filter((_, index) => !there[index]);
}
