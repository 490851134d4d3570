import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Engine } from '../docker/engine.ts';
import type { Store } from '../store/types.ts';
import { NEW, relayScript } from './builtin.ts';
import { watchDisk } from './disk.ts';
import { fillWorkspace, putInputs } from './fill.ts';
import type { FolderOf } from './folders.ts';
import { byContainer } from './group.ts';
import type { OnKept } from './kept.ts';
import { type Log, openLog } from './log.ts';
import { takeOutputs } from './outputs.ts';
import { listPatchedScript, patchedList, repatchScript } from './repatch.ts';
import { buildScript } from './script.ts';
import { runSteps, type StepsRequest } from './step.ts';
import type { BuildPlan, Built, StepResult } from './types.ts';
import { openWorkspace, type Workspace } from './workspace.ts';
import { writeFailure } from './write-failure.ts';

export type RunRequest = {
  readonly engine: Engine;
  readonly store: Store;
  readonly running: Running;
  readonly build: string; // first or second: how people and notices call it
  readonly plan: BuildPlan;
  readonly folder: string; // absolute; made when it is not there. Gets build.sh, build.log and the outputs
  readonly folderOf: FolderOf;
  readonly kept?: OnKept; // a volume that stays; left out: a clean build on a volume that goes with it
  readonly clearing?: (gone: PromiseLike<void>) => void; // waits for the removal of container and volume in the place of the build; left out: the build ends after it
};

/**
 * Runs one plan from an empty volume to its outputs. Leaves no container and no volume, however it ends, once `clearing` is done. When it fails, build.sh and build.log
 * are there up to the point where it stopped. On a kept volume it runs some of the steps, and leaves the volume; without the last step there are no
 * outputs.
 */
export async function runBuild(request: RunRequest): Promise<Result<Built>> {
  const { running, build, plan, folder } = request;
  const startedMs = performance.now();
  const written = await prepareFolder(folder, plan);
  if (!written.ok) return written;
  const stop = new AbortController();
  const signal = AbortSignal.any([running.signal, stop.signal]);
  if (signal.aborted) return fail(signal.reason as Failure);

  await using log = openLog(join(folder, 'build.log'), build, running.tell);
  const workspace = await openWorkspace(request);
  if (!workspace.ok) return workspace;
  const space = workspace.value;
  await using _space = {
    [Symbol.asyncDispose]: async () => {
      const gone = space[Symbol.asyncDispose]();
      if (request.clearing) request.clearing(gone);
      else await gone;
    },
  };
  const { kept } = request;
  if (kept?.fresh !== false) {
    const filled = await fillWorkspace(space, plan, request.store, request.folderOf);
    if (!filled.ok) return filled;
  }

  const steps: StepResult[] = [];
  {
    await using _disk = watchDisk(plan, build, space, (failure) => stop.abort(failure));
    const relay = await bringUpToDate(request, space, log, { signal, startedMs });
    if (!relay.ok) return relay;
    const wanted = plan.steps.map((step, index) => ({ step, index }));
    for (const group of byContainer(kept ? wanted.slice(kept.from, kept.until) : wanted)) {
      const begun = async (number: number) => kept?.done(group[number]?.index ?? 0);
      const done = await runSteps({ ...request, signal, steps: group.map(({ step }) => step), begun, workspace: space, log, startedMs });
      if (!done.ok) return done;
      steps.push(...done.value);
    }
    await kept?.done(kept.until);
  }
  if (kept && kept.until < plan.steps.length)
    return ok({ folder, outputs: [], steps, wallSeconds: (performance.now() - startedMs) / 1000 });
  const taken = await takeOutputs({ holder: space.holder, plan, build, folder, signal });
  if (!taken.ok) return taken;
  return ok({ folder, outputs: taken.value, steps, wallSeconds: (performance.now() - startedMs) / 1000 });
}

/** Brings changed local folders and patches into the tree of a kept volume. The old ones stay until that has ended well, as they say what changed. */
async function bringUpToDate(
  request: RunRequest,
  workspace: Workspace,
  log: Log,
  { signal, startedMs }: Pick<StepsRequest, 'signal' | 'startedMs'>,
): Promise<Result<void>> {
  const { plan, kept, store, folderOf } = request;
  const { relay = [], series = [] } = kept ?? {};
  const anew = new Set([...relay, ...series].filter((one) => one.changed).map(({ file }) => file));
  if (anew.size === 0) return ok();
  const changed = plan.inputs.filter(({ name }) => anew.has(name));
  const beside = changed.map((input) => ({ ...input, name: `${input.name}${NEW}` }));
  const put = await putInputs(workspace, beside, plan, store, folderOf);
  if (!put.ok) return put;
  const { buildPath } = plan.surroundings;
  const scripts = [
    ...(relay.length > 0 ? [listPatchedScript(series, buildPath), relayScript(relay, buildPath, patchedList(buildPath))] : []),
    repatchScript(series, buildPath),
  ];
  const script = scripts.join('\n');
  const step = {
    name: 'update',
    script,
    timeoutSeconds: plan.limits.timeSeconds,
    user: 'builder',
    workingDirectory: plan.outputRoot,
  } as const;
  const done = await runSteps({ ...request, signal, steps: [step], workspace, log, startedMs });
  return done.ok ? putInputs(workspace, changed, plan, store, folderOf) : done;
}

async function prepareFolder(folder: string, plan: BuildPlan): Promise<Result<void>> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'build.sh'), buildScript(plan), { mode: 0o644 });
    return ok();
  } catch (error) {
    return fail(writeFailure(folder, error));
  }
}
