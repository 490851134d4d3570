import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { Engine, Leftover } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';
import { KEPT } from './workspace.ts';

/** Whether the runner that the process label names still lives; undefined when that cannot be known here. */
export type Alive = (label: string) => Promise<boolean | undefined>;

export type RemoveOptions = {
  readonly alive?: Alive; // without it, runners on this host are looked for
  readonly keptVolumes?: (volume: Leftover) => boolean; // which volumes that were kept go too, unless a container uses them; left out: none
};

export type Removed = { readonly containers: number; readonly volumes: number; readonly keptVolumes: number };

/**
 * Removes the containers and volumes of runners that have ended without cleaning up. What belongs to a live runner, or to one on
 * another host, stays; so does what the engine does not let go. Images are the work of image-limit.ts.
 */
export async function removeLeftovers(
  engine: Engine,
  { alive = aliveHere(hostname()), keptVolumes = () => false }: RemoveOptions = {},
): Promise<Result<Removed>> {
  const all = await engine.leftovers(['container', 'volume']);
  if (!all.ok) return all;
  const removed = { containers: 0, volumes: 0, keptVolumes: 0 };
  const isLeft = async ({ labels }: Leftover): Promise<boolean> => (await alive(labels[LABEL.process] ?? '')) === false;
  for (const container of all.value.filter(({ kind }) => kind === 'container')) {
    if ((await isLeft(container)) && (await engine.removeContainer(container.id)).ok) removed.containers += 1;
  }
  // Those that a container holds could not go before it.
  for (const volume of all.value.filter(({ kind }) => kind === 'volume')) {
    const isKept = volume.labels[LABEL.kind] === KEPT;
    if (!(isKept ? keptVolumes(volume) : await isLeft(volume))) continue;
    if ((await engine.removeVolume(volume.id)).ok) removed[isKept ? 'keptVolumes' : 'volumes'] += 1;
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
