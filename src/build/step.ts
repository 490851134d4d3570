import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { ContainerSpec, Engine, Exit, Usage } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';
import { Cutter, markOf } from './cut.ts';
import { temporaryBytes } from './hints.ts';
import type { Log, StepLog } from './log.ts';
import { capabilitiesOf, commandOf, togetherOf, userOf } from './script.ts';
import { stepFailed, timedOut } from './step-failure.ts';
import type { BuildPlan, PlannedStep, StepResult } from './types.ts';
import { explained, mountsOf, type Workspace } from './workspace.ts';

export type StepsRequest = {
  readonly engine: Engine;
  readonly running: Running;
  readonly signal: AbortSignal; // of this build: the run's own, or a limit that was passed; its reason is a Failure
  readonly build: string;
  readonly plan: BuildPlan;
  readonly steps: readonly PlannedStep[]; // at least one; of one user, as they share a container
  readonly begun?: (number: number) => Promise<void>; // called when the step of that number, from 0 on, begins; the first one only begins after it
  readonly workspace: Workspace;
  readonly log: Log;
  readonly startedMs: number; // when the build began, by performance.now()
};

/** A step that runs. */
type Course = {
  readonly step: PlannedStep;
  readonly output: StepLog;
  readonly beganMs: number;
  readonly cpuSecondsBefore: number; // of the container
  readonly timer: NodeJS.Timeout;
};

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const UNUSED: Usage = { cpuSeconds: 0, peakMemoryBytes: 0, pids: 0 };

/** Runs steps one after the other in a container of their own. Each must end with status 0. */
export async function runSteps(request: StepsRequest): Promise<Result<readonly StepResult[]>> {
  const { engine, running, signal, build, plan, steps, workspace, log, startedMs } = request;
  const late = new AbortController();
  const results: StepResult[] = [];
  const noted: Promise<void>[] = [];
  let used = UNUSED;
  if (signal.aborted) return fail(signal.reason as Failure);
  await request.begun?.(0);
  let course = begin(0);
  const exit = await inContainer();
  clearTimeout(course.timer);
  course.output.end();
  const failure = failureOf(exit);
  if (failure === undefined) finish();
  else tell('failed');
  await Promise.all(noted);
  return failure === undefined ? ok(results) : fail(failure);

  function begin(number: number): Course {
    const step = steps[number];
    if (step === undefined) throw new Error('there is no such step');
    const beganMs = performance.now();
    const output = log.begin(
      step.name,
      `step ${step.name}, as ${step.user === 'root' ? 'root' : plan.surroundings.user.name} in ${step.workingDirectory}`,
    );
    const timer = setTimeout(() => late.abort(), Math.min(limitMs(step, beganMs), LONGEST_TIMER_MS));
    const begun: Course = { step, output, beganMs, cpuSecondsBefore: used.cpuSeconds, timer };
    tell('started', begun);
    return begun;
  }

  function finish(): void {
    tell('ended');
    results.push({
      name: course.step.name,
      wallSeconds: (performance.now() - course.beganMs) / 1000,
      cpuSeconds: used.cpuSeconds - course.cpuSecondsBefore,
      peakMemoryBytes: used.peakMemoryBytes,
      startedSeconds: (course.beganMs - startedMs) / 1000,
    });
  }

  function tell(state: 'started' | 'ended' | 'failed', of: Course = course): void {
    const { step, beganMs, cpuSecondsBefore } = of;
    running.tell({
      kind: 'step',
      build,
      step: step.name,
      state,
      seconds: (performance.now() - beganMs) / 1000,
      cpuSeconds: used.cpuSeconds - cpuSecondsBefore,
      peakMemoryBytes: used.peakMemoryBytes,
    });
  }

  function limitMs(step: PlannedStep, beganMs: number): number {
    return Math.max(1, Math.min(step.timeoutSeconds * 1000, leftMs(beganMs)));
  }

  function leftMs(atMs: number): number {
    return plan.limits.timeSeconds * 1000 - (atMs - startedMs);
  }

  async function inContainer(): Promise<Result<Exit>> {
    const mark = markOf(running.labels[LABEL.run] ?? 'next');
    const labels = { ...running.labels, [LABEL.kind]: 'build' };
    const [first = course.step] = steps;
    const made = await engine.createContainer(stepSpec(plan, first, workspace.volume, labels, togetherOf(plan, steps, mark)));
    if (!made.ok) return explained(made.error);
    using _container = { [Symbol.dispose]: () => workspace.leave(made.value) };
    const cutter = new Cutter(mark, steps.length - 1);
    const ended = await made.value.run({
      output(stream, piece) {
        if (stream === 'stderr') return course.output.write(stream, piece);
        for (const cut of cutter.take(piece)) {
          if (cut === 'next') next();
          else course.output.write(stream, cut);
        }
      },
      timeoutMs: Number.POSITIVE_INFINITY, // each step has its own
      signal: AbortSignal.any([signal, late.signal]),
      usage: (usage) => {
        used = usage;
      },
    });
    course.output.write('stdout', cutter.end());
    return ended.ok ? ended : explained(ended.error);
  }

  function next(): void {
    clearTimeout(course.timer);
    course.output.end();
    finish();
    course = begin(results.length);
    const note = request.begun?.(results.length) ?? Promise.resolve();
    note.catch(() => {}); // it is waited for at the end
    noted.push(note);
  }

  function failureOf(ended: Result<Exit>): Failure | undefined {
    if (signal.aborted) return signal.reason as Failure;
    if (!ended.ok) return ended.error;
    const { step, output, beganMs } = course;
    const lines = output.lastLines();
    if (late.signal.aborted) return timedOut(build, plan, step, leftMs(beganMs) < step.timeoutSeconds * 1000, lines);
    return ended.value.status === 0 ? undefined : stepFailed(build, plan, step, ended.value, lines);
  }
}

/** What the container of a step, or of several that share one, is made of. They differ in what they run alone. */
export function stepSpec(
  plan: BuildPlan,
  step: PlannedStep,
  volume: string,
  labels: Readonly<Record<string, string>>,
  command: readonly string[] = commandOf(plan, step),
): ContainerSpec {
  const { surroundings: around, limits } = plan;
  const { hostname, domain } = around;
  const temporary = temporaryBytes(limits.memoryBytes);
  return {
    image: plan.image,
    command,
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
