import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { EngineInfo } from '../docker/engine.ts';
import type { RunRequest } from './run.ts';
import { runBuild } from './run.ts';
import type { BuildPlan, Built } from './types.ts';

type Half = { readonly plan: BuildPlan; readonly folder: string };

export type ReproduceRequest = Pick<RunRequest, 'engine' | 'store' | 'running' | 'folderOf' | 'clearing'> & {
  readonly first: Half;
  readonly second: Half;
  readonly parallel: boolean | undefined; // undefined: side by side when the engine has room for both
  readonly learn?: (which: 'first' | 'second', built: Built) => void; // called as soon as one has ended well
};

/**
 * Runs both plans, side by side or one after the other. When one fails the other is stopped, as there will be nothing to compare.
 * Comparing is somebody else's work.
 */
export async function reproduce(request: ReproduceRequest): Promise<Result<{ readonly first: Built; readonly second: Built }>> {
  const { engine, running, learn } = request;
  const info = request.parallel === undefined ? await engine.info() : undefined;
  if (info !== undefined && !info.ok) return info;
  const parallel = request.parallel ?? (info !== undefined && hasRoom(info.value, request.first.plan, request.second.plan));

  const other = new AbortController();
  const signal = AbortSignal.any([running.signal, other.signal]);
  let cause: Failure | undefined;
  const half = async (build: 'first' | 'second'): Promise<Result<Built>> => {
    const built = await runBuild({ ...request, ...request[build], build, running: { ...running, signal } });
    if (built.ok) learn?.(build, built.value);
    else {
      cause ??= built.error;
      other.abort({ kind: 'interrupted', reason: 'other-build-failed', message: `The ${build} build failed.` } satisfies Failure);
    }
    return built;
  };
  const started = half('first');
  if (!parallel && !(await started).ok) return started as Promise<Result<never>>;
  const [first, second] = await Promise.all([started, half('second')]);
  if (running.signal.aborted) return fail(running.signal.reason as Failure);
  if (cause !== undefined) return fail(first.ok ? onlyVaried(cause) : cause); // the other one failed only because it was stopped
  if (!first.ok) return first;
  return second.ok ? ok({ first: first.value, second: second.value }) : second;
}

/** A second build that fails where the first did not is what a changed surrounding does. */
function onlyVaried(failure: Failure): Failure {
  if (failure.kind !== 'build-failed') return failure;
  const found = 'The first build ended well: something that was varied breaks the second one. `--skip NAME` leaves one out.';
  return { ...failure, next: failure.next === undefined ? found : `${found} ${failure.next}` };
}

/**
 * Two builds at once gain nothing on one cpu, and must not take memory from each other. Few builds come near their limits, so these may add up to a
 * quarter more than there is.
 */
export function hasRoom({ cpus, memoryBytes }: Pick<EngineInfo, 'cpus' | 'memoryBytes'>, first: BuildPlan, second: BuildPlan): boolean {
  const wanted = [first, second].reduce((sum, { limits, surroundings }) => sum + limits.memoryBytes + (surroundings.tmpfsBytes ?? 0), 0);
  return cpus >= 2 && wanted <= 1.25 * memoryBytes;
}
