import { spawn } from 'node:child_process';
import { once as event } from 'node:events';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sha256 } from '../../src/base/digest.ts';
import { contentPath } from '../../src/store/address.ts';
import { type LeaseKey, Leases } from '../../src/store/leases.ts';
import { listEntries } from '../../src/store/sweep.ts';
import type { Store } from '../../src/store/types.ts';
import { pieces, value } from './stores.ts';

/** The leases of a home folder, as one process has them. */
export function leasesIn(home: string): Leases {
  return value(Leases.open(home, async (ms, signal) => void (await sleep(ms, undefined, { signal }))));
}

/** A file of that many bytes, last used that long ago. */
export async function file(store: Store, name: string, size: number, agoSeconds: number): Promise<Sha256> {
  const bytes = Buffer.alloc(size, name);
  const { sha256: digest } = value(await store.add(pieces(bytes)));
  const at = Date.now() / 1000 - agoSeconds;
  await utimes(contentPath(store.root, digest), at, at);
  return digest;
}

/** Those of the files that are there. */
export async function names(store: Store, known: Readonly<Record<string, Sha256>>): Promise<string[]> {
  const there = new Set(value(await listEntries(store.root)).map(({ name }) => name));
  return Object.entries(known).flatMap(([name, digest]) => (there.has(digest) ? [name] : []));
}

/** Another process that holds keys until it is killed. */
export async function holder(home: string, ...keys: readonly LeaseKey[]): Promise<AsyncDisposable & { kill(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lease-holder.ts'), home, ...keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [piece] = await event(child.stdout, 'data');
  if (String(piece) !== 'held\n') throw new Error(String(piece));
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = event(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { kill, [Symbol.asyncDispose]: kill };
}
