import { setTimeout as sleepFor } from 'node:timers/promises';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Document, FetchOptions, Wanted } from './fetch.ts';
import type { Gate } from './gate.ts';
import { getFrom, type Session, type Target } from './host.ts';
import { type Miss, missFailure, placeText } from './miss.ts';
import { Partial } from './partial.ts';
import { checkProxies, openDispatcher, type Proxies } from './transport.ts';
import type { Store } from './types.ts';

const PROGRESS_MS = 250;
const MOST_BYTES = 64 * 1024 ** 3; // of a file whose size nobody said

/** Downloads files that the store does not have: see fetchFiles. */
export async function downloadFiles(store: Store, missing: readonly Wanted[], options: FetchOptions): Promise<Result<void>> {
  const proxies = checkProxies(options.proxies);
  if (!proxies.ok) return proxies;
  await using opened = openSession(options, proxies.value);
  const progress = startProgress(missing, options.running);
  const found = new Map<Wanted, Miss>();
  try {
    await inParallel(missing, opened.session.connectionsPerHost * 4, async (each) => {
      const miss = await fetchOne(store, each, opened.session, progress.track).catch((error: unknown) => {
        opened.abort(); // the others need not go on: the disk is full, or somebody pressed Ctrl-C
        throw error;
      });
      if (miss) found.set(each, miss);
    });
  } catch (error) {
    return fail(failureOf(error));
  } finally {
    progress.end();
  }
  // In the order in which they were wanted, not in which the servers answered.
  const misses = missing.flatMap((each) => found.get(each) ?? []);
  return misses.length === 0 ? ok(undefined) : fail(missFailure(misses));
}

/** Downloads a small file of unknown digest: see fetchDocument. */
export async function downloadDocument(
  wanted: Document,
  limitBytes: number,
  options: FetchOptions,
): Promise<Result<{ readonly bytes: Uint8Array; readonly url: string }>> {
  const proxies = checkProxies(options.proxies);
  if (!proxies.ok) return proxies;
  await using opened = openSession(options, proxies.value);
  const miss: Miss = { label: wanted.label, places: [] };
  try {
    for (const [index, url] of placesOf(wanted)) {
      const target = memoryTarget();
      const outcome = await getFrom(opened.session, url, { limitBytes }, target);
      if (outcome.kind === 'done') return ok({ bytes: Buffer.concat(target.pieces), url });
      miss.places.push({ url: placeText(url), fallback: index >= wanted.urls.length, outcome });
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  return fail(missFailure([miss]));
}

async function fetchOne(store: Store, wanted: Wanted, session: Session, track: Track): Promise<Miss | undefined> {
  const partial = await Partial.open(store.root, wanted.file.sha256, wanted.file.size ?? 0);
  const untrack = track(wanted, () => partial.have);
  const miss: Miss = { label: wanted.label, places: [] };
  let keep = false; // only a download that was broken off is worth going on with
  try {
    if (wanted.file.size === 0 && (await partial.finish())) return untrack(true);
    for (const [index, url] of placesOf(wanted)) {
      keep = true;
      const outcome = await getFrom(
        session,
        url,
        wanted.file.size === undefined ? { limitBytes: MOST_BYTES } : { size: wanted.file.size },
        partial,
      );
      if (outcome.kind === 'done') return untrack(true);
      miss.places.push({ url: placeText(url), fallback: index >= wanted.urls.length, outcome });
    }
  } catch (error) {
    const failure = failureOf(error);
    keep = failure.reason !== 'disk-full';
    throw error;
  } finally {
    await partial.leave(keep);
  }
  untrack(false);
  return miss;
}

function placesOf(wanted: Document): readonly (readonly [number, string])[] {
  return [...wanted.urls, ...(wanted.fallbackUrls ?? [])].map((url, index) => [index, url] as const);
}

function openSession(options: FetchOptions, proxies: Proxies): AsyncDisposable & { readonly session: Session; abort(): void } {
  const connectionsPerHost = options.connectionsPerHost ?? 4;
  const dispatcher = openDispatcher({ connectionsPerHost, proxies });
  const own = new AbortController();
  return {
    session: {
      transport: { dispatcher, userAgent: options.userAgent, stallMs: options.stallMs ?? 30_000 },
      signal: AbortSignal.any([options.running.signal, own.signal]),
      sleep: options.sleep ?? (async (ms, signal) => void (await sleepFor(ms, undefined, { signal }))),
      random: options.random,
      connectionsPerHost,
      retries: options.retries ?? 4,
      gates: new Map<string, Gate>(),
    },
    abort: () => own.abort(),
    [Symbol.asyncDispose]: () => {
      own.abort(); // ends pauses that nobody waits for any more
      return dispatcher.destroy();
    },
  };
}

/** Works on so many at a time. The first error ends it, after those that were begun have ended. */
async function inParallel<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  let broken: { error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !broken; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        broken ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (broken) throw broken.error;
}

type Track = (wanted: Wanted, have: () => number) => (done: boolean) => undefined;

/** Tells how many bytes are there, a few times a second. */
function startProgress(missing: readonly Wanted[], running: Running): { readonly track: Track; end(): void } {
  const total = missing.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
  const label = missing.length === 1 ? `fetching ${missing[0]?.label}` : `fetching ${missing.length} files`;
  const active = new Set<() => number>();
  let complete = 0;
  let told = -1;
  const tell = (): void => {
    const done = [...active].reduce((sum, have) => sum + have(), complete);
    if (done !== told) running.tell({ kind: 'bytes', label, done, total });
    told = done;
  };
  const timer = setInterval(tell, PROGRESS_MS);
  return {
    track: (wanted, have) => {
      active.add(have);
      return (done) => {
        active.delete(have);
        if (done) complete += wanted.file.size ?? 0;
        return undefined;
      };
    },
    end: () => {
      clearInterval(timer);
      tell();
    },
  };
}

function memoryTarget(): Target & { pieces: Uint8Array[] } {
  return {
    pieced: false,
    pieces: [],
    get have() {
      return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
    },
    async restart() {
      this.pieces = [];
    },
    async write(piece) {
      this.pieces.push(piece);
    },
    async finish() {
      return true;
    },
  };
}
