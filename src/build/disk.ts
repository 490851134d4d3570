import { escapeControl } from '../base/escape.ts';
import type { Failure } from '../base/result.ts';
import type { BuildPlan } from './types.ts';
import type { Workspace } from './workspace.ts';
import { MOUNT } from './workspace.ts';

const EVERY_MS = 5000;

/**
 * Watches how much a volume on the engine's disk holds, which no engine limits by itself, until the scope ends. Looks every five
 * seconds, less often where counting takes long. A tmpfs has its limit in the kernel.
 *
 * @param stop called once with a failure when the limit is passed
 */
export function watchDisk(plan: BuildPlan, build: string, workspace: Workspace, stop: (failure: Failure) => void): AsyncDisposable {
  if (plan.surroundings.volume === 'tmpfs') return { [Symbol.asyncDispose]: async () => {} };
  const over = new AbortController();
  const done = watch();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await done;
    },
  };

  async function watch(): Promise<void> {
    let pauseMs = EVERY_MS;
    while (await pause(pauseMs, over.signal)) {
      const beganMs = performance.now();
      const used = await usedBytes(plan, workspace, over.signal);
      pauseMs = Math.max(EVERY_MS, 20 * (performance.now() - beganMs));
      if (used !== undefined && used > plan.limits.diskBytes && !over.signal.aborted) return stop(tooMuch(plan, build, used));
    }
  }
}

async function usedBytes({ surroundings }: BuildPlan, { holder }: Workspace, signal: AbortSignal): Promise<number | undefined> {
  let text = '';
  const { uid, gid } = surroundings.user;
  await holder.exec(['/usr/bin/du', '-s', '--block-size=1', MOUNT], {
    user: `${uid}:${gid}`,
    timeoutMs: 600_000,
    signal,
    output(stream, piece) {
      if (stream === 'stdout') text += Buffer.from(piece).toString('latin1');
    },
  });
  const bytes = Number(/^(\d+)\s/.exec(text)?.[1]);
  return Number.isNaN(bytes) ? undefined : bytes;
}

function tooMuch({ limits }: BuildPlan, build: string, used: number): Failure {
  return {
    kind: 'build-failed',
    reason: 'disk-limit',
    message: escapeControl(`The ${build} build was stopped: it holds ${used} bytes on its volume, and its limit is ${limits.diskBytes}.`),
    next: 'Raise `resources.disk` in the recipe.',
  };
}

/** False when the signal came first. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve(true);
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}
