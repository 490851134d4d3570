import { readFile } from 'node:fs/promises';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { Engine, Leftover } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';

/** Whether the runner that the process label names still lives; undefined when that cannot be known here. */
export type Alive = (label: string) => Promise<boolean | undefined>;

/**
 * Removes the containers and volumes of runners that have ended without cleaning up. What belongs to a live runner, or to one on another host, stays.
 *
 * @returns what was removed; what could not be removed stays for the next time
 */
export async function removeLeftovers(engine: Engine, alive: Alive): Promise<Result<readonly Leftover[]>> {
  const all = await engine.leftovers();
  if (!all.ok) return all;
  const removed: Leftover[] = [];
  // Containers come first, as they hold the volumes.
  for (const kind of ['container', 'volume'] as const) {
    for (const leftover of all.value.filter((one) => one.kind === kind)) {
      if ((await alive(leftover.labels[LABEL.process] ?? '')) !== false) continue;
      const gone = kind === 'container' ? await engine.removeContainer(leftover.id) : await engine.removeVolume(leftover.id);
      if (gone.ok) removed.push(leftover);
    }
  }
  return ok(removed);
}

/**
 * Judges process labels, `HOST/PID/START` with the start in seconds since 1970-01-01T00:00:00Z, on this host. A process
 * that got the number of a dead one started at another time; where the start cannot be read, the number alone counts.
 */
export function aliveHere(host: string): Alive {
  return async (label) => {
    const [, name, pid, start] = /^(.*)\/(\d+)\/(\d+)$/.exec(label) ?? [];
    if (name !== host || pid === undefined) return undefined;
    if (!isRunning(Number(pid))) return false;
    const started = await startSeconds(pid);
    return started === undefined || Math.abs(started - Number(start)) <= 3;
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** From /proc (proc(5)); the kernel counts in hundredths of a second on every architecture of Debian. */
async function startSeconds(pid: string): Promise<number | undefined> {
  try {
    const [stat, machine] = await Promise.all([readFile(`/proc/${pid}/stat`, 'latin1'), readFile('/proc/stat', 'latin1')]);
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const boot = Number(/^btime (\d+)$/m.exec(machine)?.[1]);
    return Number.isNaN(ticks + boot) ? undefined : boot + ticks / 100;
  } catch {
    return undefined;
  }
}
