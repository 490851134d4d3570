import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { ContainerSpec, Engine, Exit, Usage } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';
import { errorIn, hintsFor, temporaryBytes } from './hints.ts';
import type { Log } from './log.ts';
import { capabilitiesOf, commandOf, userOf } from './script.ts';
import type { BuildPlan, PlannedStep, StepResult } from './types.ts';
import { explained, mountsOf, type Workspace } from './workspace.ts';

export type StepRequest = {
  readonly engine: Engine;
  readonly running: Running;
  readonly signal: AbortSignal; // of this build: the run's own, or a limit that was passed; its reason is a Failure
  readonly build: string;
  readonly plan: BuildPlan;
  readonly step: PlannedStep;
  readonly workspace: Workspace;
  readonly log: Log;
  readonly startedMs: number; // when the build began, by performance.now()
};

/** Runs one step in a container of its own. It must end with status 0. */
export async function runStep(request: StepRequest): Promise<Result<StepResult>> {
  const { engine, running, signal, build, plan, step, workspace, log, startedMs } = request;
  const beganMs = performance.now();
  const leftMs = plan.limits.timeSeconds * 1000 - (beganMs - startedMs);
  const timeoutMs = Math.max(1, Math.min(step.timeoutSeconds * 1000, leftMs));
  let used: Usage = { cpuSeconds: 0, peakMemoryBytes: 0, pids: 0 };
  const tell = (state: 'started' | 'ended' | 'failed') => {
    const { cpuSeconds, peakMemoryBytes } = used;
    running.tell({
      kind: 'step',
      build,
      step: step.name,
      state,
      seconds: (performance.now() - beganMs) / 1000,
      cpuSeconds,
      peakMemoryBytes,
    });
  };
  if (signal.aborted) return fail(signal.reason as Failure);
  tell('started');
  const output = log.begin(
    step.name,
    `step ${step.name}, as ${step.user === 'root' ? 'root' : plan.surroundings.user.name} in ${step.workingDirectory}`,
  );
  const exit = await inContainer();
  output.end();
  const failure = failureOf(exit);
  tell(failure === undefined ? 'ended' : 'failed');
  if (failure !== undefined) return fail(failure);
  return ok({
    name: step.name,
    wallSeconds: (performance.now() - beganMs) / 1000,
    cpuSeconds: used.cpuSeconds,
    peakMemoryBytes: used.peakMemoryBytes,
    startedSeconds: (beganMs - startedMs) / 1000,
  });

  async function inContainer(): Promise<Result<Exit>> {
    const made = await engine.createContainer(stepSpec(plan, step, workspace.volume, { ...running.labels, [LABEL.kind]: 'build' }));
    if (!made.ok) return explained(made.error);
    await using container = made.value;
    const ended = await container.run({
      output: output.write,
      timeoutMs,
      signal,
      usage: (usage) => {
        used = usage;
      },
    });
    return ended.ok ? ended : explained(ended.error);
  }

  function failureOf(ended: Result<Exit>): Failure | undefined {
    if (signal.aborted) return signal.reason as Failure;
    if (!ended.ok) return ended.error;
    const lines = output.lastLines();
    if (ended.value.timedOut) return timeout(build, plan, step, timeoutMs < step.timeoutSeconds * 1000, lines);
    return ended.value.status === 0 ? undefined : stepFailed(build, plan, step, ended.value, lines);
  }
}

/** What the container of a step is made of. */
export function stepSpec(plan: BuildPlan, step: PlannedStep, volume: string, labels: Readonly<Record<string, string>>): ContainerSpec {
  const { surroundings: around, limits } = plan;
  const { hostname, domain } = around;
  const temporary = temporaryBytes(limits.memoryBytes);
  return {
    image: plan.image,
    command: commandOf(plan, step),
    environment: {}, // the command makes the whole environment itself
    workingDirectory: '/',
    user: userOf(plan, step),
    hostname,
    domainname: domain,
    hosts: [{ name: domain === '' ? hostname : `${hostname}.${domain} ${hostname}`, address: '127.0.1.1' }],
    volumes: mountsOf(plan, volume),
    tmpfs: Object.fromEntries(
      [
        ['/tmp', `rw,exec,nosuid,nodev,size=${temporary},mode=1777`],
        ['/var/tmp', `rw,exec,nosuid,nodev,size=${temporary},mode=1777`],
        ['/run', `rw,noexec,nosuid,nodev,size=${64 * 1024 ** 2},mode=1777`],
      ].filter(([path]) => path !== plan.mount),
    ),
    readOnlyRoot: true,
    capabilities: capabilitiesOf(plan, step),
    devices: plan.devices,
    // A volume in memory counts as the memory of who writes to it.
    memoryBytes: limits.memoryBytes + (around.tmpfsBytes ?? 0),
    shmBytes: Math.min(temporary, 1024 ** 3),
    pids: limits.pids,
    cpuset: around.cpuset,
    init: true,
    labels,
  };
}

function timeout(build: string, plan: BuildPlan, step: PlannedStep, whole: boolean, lines: readonly string[]): Failure {
  const limit = whole
    ? `the whole build ran longer than its limit of ${plan.limits.timeSeconds} s`
    : `it ran longer than its limit of ${step.timeoutSeconds} s`;
  return {
    kind: 'timeout',
    reason: whole ? 'build-timeout' : 'step-timeout',
    message: `The step "${step.name}" of the ${build} build was stopped: ${limit}.`,
    next: whole ? 'Raise `resources.time` in the recipe.' : 'Raise the time limit of the step in the recipe.',
    details: lines,
  };
}

function stepFailed(build: string, plan: BuildPlan, step: PlannedStep, exit: Exit, lines: readonly string[]): Failure {
  const hints = hintsFor({ plan, status: exit.status, outOfMemory: exit.outOfMemory, lines });
  const patch = step.name === 'patch' && plan.steps.find(({ name }) => name === 'patch') === step ? patchOf(lines) : undefined;
  const said = errorIn(lines);
  const message =
    patch ?? `The step "${step.name}" of the ${build} build failed with status ${exit.status}${said === undefined ? '' : `: ${said}`}.`;
  return {
    kind: 'build-failed',
    reason: patch === undefined ? 'step-failed' : 'patch-failed',
    message: exit.outOfMemory ? `The step "${step.name}" of the ${build} build ran out of memory (status ${exit.status}).` : message,
    next: hints.length > 0 ? hints.join(' ') : `The whole output is in build.log.`,
    details: lines,
  };
}

/** What patch(1) said of the patch that did not apply: its name, the file, the hunk. */
function patchOf(lines: readonly string[]): string | undefined {
  const found = (form: RegExp) => lines.map((line) => form.exec(line)?.[1]).findLast((text) => text !== undefined);
  const name = found(/^applying (.*)$/);
  if (name === undefined) return undefined;
  const file = found(/^patching file (.*)$/);
  const hunks = lines.flatMap((line) => /^Hunk #(\d+) FAILED/.exec(line)?.[1] ?? []);
  const where = file === undefined ? '' : `: ${hunks.length === 0 ? '' : `hunk ${hunks.join(', ')} of `}${file}`;
  return `The patch ${name} does not apply${where}.`;
}
