import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sha256, sha256 } from '../../src/base/digest.ts';
import type { Failure, Result } from '../../src/base/result.ts';
import type { Notice } from '../../src/base/running.ts';
import type { FetchOptions } from '../../src/store/fetch.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/types.ts';

/** An empty folder, removed with the scope. */
export async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'twinbuild-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** An empty store, removed with the scope. */
export async function emptyStore(): Promise<AsyncDisposable & { readonly store: Store; readonly root: string }> {
  const place = await folder();
  const opened = await openStore(place.path);
  if (!opened.ok) throw new Error(opened.error.message);
  return { store: opened.value, root: place.path, [Symbol.asyncDispose]: place[Symbol.asyncDispose] };
}

export type Fetching = FetchOptions & { readonly notices: Notice[]; readonly slept: number[] };

/** Options of downloads that do not wait, and that keep what was told and how long they would have waited. */
export function fetching(over: Partial<FetchOptions> & { readonly signal?: AbortSignal } = {}): Fetching {
  const notices: Notice[] = [];
  const slept: number[] = [];
  const { signal = new AbortController().signal, ...rest } = over;
  return {
    running: { signal, tell: (notice) => void notices.push(notice), labels: {} },
    offline: false,
    random: () => 0.5,
    userAgent: 'twinbuild-test',
    stallMs: 20_000,
    sleep: async (ms) => {
      slept.push(ms);
    },
    notices,
    slept,
    ...rest,
  };
}

export async function* pieces(...parts: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part as Uint8Array);
}

/** What a lock would say of those bytes. */
export function fileOf(bytes: Uint8Array | string): { readonly size: number; readonly sha256: Sha256 } {
  return { size: Buffer.from(bytes as Uint8Array).length, sha256: sha256(bytes) };
}

/** The reason of a failure, or 'ok'. */
export function reasonOf(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.error.reason;
}

/** The failure of a result that must be one. */
export function failed(result: Result<unknown>): Failure {
  if (result.ok) throw new Error('a failure was expected');
  return result.error;
}

/** The value of a result that must have one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.error.reason}: ${result.error.message} ${result.error.details?.join('; ') ?? ''}`);
  return result.value;
}
