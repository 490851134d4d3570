import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../base/result.ts';
import { type Lease, Leases } from '../store/leases.ts';
import type { World } from './world.ts';

/** The clocks of the file system, the engine and this process may be that far apart, in seconds. */
const APART_SECONDS = 120;

/** The leases of this process, opened when somebody first asks for them: most commands need none. */
export function lazyLeases(home: string): { readonly get: () => Result<Leases>; readonly close: () => void } {
  let opened: Result<Leases> | undefined;
  return {
    get: () => {
      opened ??= Leases.open(home, async (ms, signal) => void (await sleep(ms, undefined, { signal })));
      return opened;
    },
    close: () => {
      if (opened?.ok) opened.value.close();
      opened = undefined;
    },
  };
}

/** One holder of them. */
export function lazyLease(leases: () => Result<Leases>): Lease {
  let lease: Lease | undefined;
  return {
    async hold(keys, signal) {
      const opened = leases();
      if (!opened.ok) return opened;
      lease ??= opened.value.lease();
      return lease.hold(keys, signal);
    },
    release: () => lease?.release() ?? { ok: true, value: undefined },
  };
}

export type Since = Disposable & { readonly begin: () => Promise<Result<void>> };

/** Holds everything that is used from `begin` to the end of the scope, while it is not known yet what will be needed. */
export function holdSince(world: World): Since {
  const lease = lazyLease(world.leases);
  return {
    begin: () => lease.hold([`since:${Math.floor(world.nowMs() / 1000) - APART_SECONDS}`], world.running.signal),
    [Symbol.dispose]: () => void lease.release(),
  };
}
