import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Sha256 } from '../base/digest.ts';
import { type Failure, fail, failureOf, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { INDEX, type Unpacked } from './unpacked.ts';

const MOST_THREADS = 16; // each holds a decoder and an encoder, some 20 MiB

/**
 * Sees to it that every package lies unpacked in the store, with as many threads as there are processors, the largest first. What was
 * unpacked before is only read.
 *
 * @returns what is known of each, by the digest of its .deb
 */
export async function unpackAll(
  store: Store,
  packages: readonly LockedPackage[],
  running: Running,
): Promise<Result<ReadonlyMap<Sha256, Unpacked>>> {
  const known = new Map<Sha256, Unpacked>();
  const read = async (each: LockedPackage): Promise<boolean> => {
    const index = await readIndex(store, each.sha256);
    if (index !== undefined) known.set(each.sha256, index);
    return index !== undefined;
  };
  try {
    const there = await Promise.all(packages.map(read));
    const missing = packages.filter((_each, at) => !there[at]);
    const done = await unpackMissing(store, missing, running);
    if (!done.ok) return done;
    for (const each of missing) {
      if (!(await read(each))) return fail(lost(each));
    }
    return ok(known);
  } catch (error) {
    return fail(failureOf(error));
  }
}

/** Unpacks packages that the store has, whether or not they were unpacked before. */
export async function unpackMissing(store: Store, missing: readonly LockedPackage[], running: Running): Promise<Result<void>> {
  if (missing.length === 0) return ok();
  running.tell({ kind: 'stage', text: `unpacking ${missing.length} package${missing.length === 1 ? '' : 's'}` });
  const queue = [...new Map(missing.map((each) => [each.sha256, each])).values()].sort((a, b) => a.size - b.size);
  const total = queue.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  let failed: Failure | undefined;
  const count = Math.min(availableParallelism(), MOST_THREADS, queue.length);
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL('./unpack-worker.ts', import.meta.url), { workerData: store.root }),
  );
  const drain = async (thread: Worker): Promise<void> => {
    for (let next = queue.pop(); next !== undefined && failed === undefined && !running.signal.aborted; next = queue.pop()) {
      const result = await ask(thread, next.sha256, running.signal);
      if (!result.ok) failed ??= { ...result.error, message: `${next.name} ${next.version} cannot be unpacked: ${result.error.message}` };
      done += next.size;
      running.tell({ kind: 'bytes', label: 'unpacking', done, total });
    }
  };
  try {
    await Promise.all(threads.map(drain));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  if (running.signal.aborted) return fail(running.signal.reason as Failure);
  return failed === undefined ? ok() : fail(failed);
}

/** Gives a thread one package and waits for what it says of it. An error that the thread did not catch is a bug, and thrown. */
async function ask(thread: Worker, digest: Sha256, signal: AbortSignal): Promise<Result<void>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      act();
    };
    const onMessage = (result: Result<void>): void => settle(() => resolve(result));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void => settle(() => reject(new Error(`The unpacking thread ended with ${code}.`)));
    const onAbort = (): void => settle(() => resolve(fail(signal.reason as Failure)));
    thread.on('message', onMessage).on('error', onError).on('exit', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    thread.postMessage(digest);
  });
}

async function readIndex(store: Store, digest: Sha256): Promise<Unpacked | undefined> {
  const bytes = await store.readDerived(INDEX, digest);
  if (bytes === undefined) return undefined;
  return JSON.parse(Buffer.concat(await Array.fromAsync(bytes)).toString('utf8')) as Unpacked;
}

function lost({ name, version }: LockedPackage): Failure {
  return {
    kind: 'infrastructure',
    reason: 'store-derived-lost',
    message: `The unpacked form of ${name} ${version} vanished from the store.`,
    next: 'Run the command again; look at the disk when it happens twice.',
  };
}
