import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Usage } from './engine.ts';

type Stats = {
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
  readonly memory_stats?: { readonly usage?: number; readonly stats?: Readonly<Record<string, number>> };
  readonly pids_stats?: { readonly current?: number };
};

/**
 * Tells about every second what a running container used, until the scope ends. Peak memory is the greatest of the samples,
 * without the page cache that the kernel can drop at any time. Measuring never makes a build fail: without an answer there is silence.
 */
export function watchUsage(container: Dockerode.Container, tell: ((usage: Usage) => void) | undefined): AsyncDisposable {
  if (tell === undefined) return { [Symbol.asyncDispose]: async () => {} };
  const over = new AbortController();
  const done = watch(container, tell, over.signal).catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await done;
    },
  };
}

async function watch(container: Dockerode.Container, tell: (usage: Usage) => void, signal: AbortSignal): Promise<void> {
  const stream = (await container.stats({ stream: true })) as unknown as Readable;
  const end = () => stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  stream.on('error', () => {});
  let peak = 0;
  for await (const line of lines(stream)) {
    if (signal.aborted) return;
    const { cpu_stats, memory_stats, pids_stats } = JSON.parse(line) as Stats;
    const nanoseconds = cpu_stats?.cpu_usage?.total_usage ?? 0;
    if (nanoseconds === 0) continue; // the last sample of a container that has ended is empty
    const droppable = memory_stats?.stats?.['total_inactive_file'] ?? memory_stats?.stats?.['inactive_file'] ?? 0;
    peak = Math.max(peak, (memory_stats?.usage ?? 0) - droppable);
    tell({ cpuSeconds: nanoseconds / 1e9, peakMemoryBytes: peak, pids: pids_stats?.current ?? 0 });
  }
}

/** Whole lines of a stream of JSON; node:readline never ends when its input is destroyed. */
async function* lines(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of stream.setEncoding('utf8')) {
    const [last = '', ...whole] = `${rest}${piece}`.split('\n').reverse();
    rest = last;
    yield* whole.reverse();
  }
}
