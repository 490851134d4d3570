import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT_STATUS, type Failure, type Result } from '../base/result.ts';
import { LABEL } from '../docker/engine.ts';
import { courseAfter, type Retries } from '../queue/course.ts';
import type { Records, Taken } from '../queue/records.ts';
import type { AttemptEnd, Status } from '../queue/types.ts';
import { reasonText } from '../report/many.ts';
import { secondsText } from '../report/units.ts';
import { attemptEnd } from './attempt.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { lazyLease } from './leases.ts';
import type { Disk } from './many-disk.ts';
import type { ManyItem } from './many-items.ts';
import { keepsOutputs, type ManyOptions } from './many-options.ts';
import type { ManyProgress } from './many-progress.ts';
import { dropOutputs } from './output.ts';
import { reproSubject } from './repro-subject.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

export type ManyRunOptions = {
  readonly queue: string; // absolute: the folder of its results
  readonly items: ReadonlyMap<string, ManyItem>; // by key
  readonly records: Records;
  readonly progress: ManyProgress;
  readonly disk: Disk;
  readonly retries: Retries;
  readonly options: ManyOptions;
  readonly untilMs: number; // after that moment none is begun
  readonly changed: () => Promise<void>; // called after each package
};

/** So many packages one after the other that the network kept from a verdict: the next one would fare no better. */
const MOST_IN_A_ROW = 3;

const TIME_UP: Failure = {
  kind: 'timeout',
  reason: 'time-up',
  message: 'The time of this run is up',
  next: 'The same command goes on where this one stopped.',
};

/** Works through a queue with several packages at once. */
export class ManyRun {
  readonly #world: World;
  readonly #run: ManyRunOptions;
  #stopped: Failure | undefined;
  #bug: { readonly error: unknown } | undefined;
  #running = 0;
  #inARow = 0;
  #wake = Promise.withResolvers<void>();

  constructor(world: World, run: ManyRunOptions) {
    this.#world = world;
    this.#run = run;
  }

  /** Runs until nothing waits any more; gives why it stopped before, if it did. */
  async run(jobs: number): Promise<Failure | undefined> {
    const { signal } = this.#world.running;
    const stop = () => this.#notify();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await Promise.all(Array.from({ length: jobs }, () => this.#work()));
    } finally {
      signal.removeEventListener('abort', stop);
    }
    if (this.#bug) throw this.#bug.error;
    return signal.aborted ? (signal.reason as Failure) : this.#stopped;
  }

  async #work(): Promise<void> {
    while (!this.#over()) {
      const nowMs = this.#world.nowMs();
      if (nowMs >= this.#run.untilMs) return this.#stopIfAnyWaits();
      const wake = this.#wake.promise;
      const taken = this.#run.records.take(this.#run.queue, nowMs, ({ name, target }) => ({
        name,
        target,
        folder: join(this.#run.queue, name),
        startedAtMs: nowMs,
        tool: VERSION,
      }));
      if (!taken.ok) this.#stop(taken.error);
      else if (taken.value && 'item' in taken.value) await this.#one(taken.value);
      else if (taken.value) await this.#waitFor(taken.value.laterMs - nowMs, wake);
      else if (this.#running > 0)
        await wake; // one of those that run may be put back
      else return;
    }
  }

  #stopIfAnyWaits(): void {
    const items = this.#run.records.items(this.#run.queue);
    if (!items.ok) this.#stop(items.error);
    else if (items.value.some(({ state }) => state === 'waiting')) this.#stop(TIME_UP);
  }

  async #one(taken: Taken): Promise<void> {
    this.#running += 1;
    try {
      await this.#attempt(taken);
    } catch (error) {
      this.#bug ??= { error };
    } finally {
      this.#running -= 1;
      this.#notify();
    }
  }

  async #attempt(taken: Taken): Promise<void> {
    const { records, queue, progress, items, disk, retries } = this.#run;
    const { item, attempt } = taken;
    const listed = items.get(item.key);
    if (listed === undefined) throw new Error(`${item.name} is not in the list`);
    const room = await disk.makeRoom();
    if (!room.ok) {
      this.#stop(room.error);
      return void this.#keep(records.leave(queue, item.key, attempt));
    }
    progress.begin(item, taken.failed + taken.lost + 1);
    const beganMs = this.#world.nowMs();
    const watch = disk.watch();
    const folder = join(queue, item.name);
    const end = watch.judge(await this.#build(listed, folder, attempt));
    const seconds = (this.#world.nowMs() - beganMs) / 1000;
    const course = this.#world.running.signal.aborted
      ? ({ kind: 'leave' } as const)
      : courseAfter(end.failure, end.failure?.kind === 'infrastructure' ? taken.lost : taken.failed, retries, this.#world.random());
    const ended = attemptEnd(end, seconds);
    if (course.kind === 'stop') this.#stop(course.failure);
    if (course.kind === 'again' && ended) {
      this.#keep(records.putBack(queue, item.key, attempt, ended, this.#world.nowMs() + course.afterMs));
      progress.leave(
        item,
        `${end.failure?.message ?? ''}; tried again${course.afterMs > 0 ? ` in ${secondsText(course.afterMs / 1000)}` : ''}`,
      );
      return;
    }
    if (course.kind !== 'finish' || ended === undefined) {
      this.#keep(records.leave(queue, item.key, attempt));
      progress.leave(item, '');
      return;
    }
    await this.#finish(taken, end, ended, folder);
  }

  async #finish({ item, attempt }: Taken, end: ReproEnd, ended: AttemptEnd, folder: string): Promise<void> {
    const { records, queue, progress, disk, changed } = this.#run;
    const status = records.finish(queue, item.key, attempt, ended);
    if (!status.ok) return this.#stop(status.error);
    if (end.report && !keepsOutputs(status.value, this.#run.options.keepOutputs)) this.#keep(await dropOutputs(folder, end.report));
    progress.end(item, status.value, ended.wallSeconds, whyText(ended, status.value));
    this.#countLost(status.value, end.failure);
    this.#keep(await disk.limit());
    await changed();
  }

  /** One attempt, in a world of its own: another run on the engine, its own leases, and nothing of it on standard output. */
  async #build(item: ManyItem, folder: string, attempt: number): Promise<ReproEnd> {
    const { progress, options } = this.#run;
    const outer = this.#world;
    const tell = progress.teller(item);
    const runId = `${outer.runId}-${attempt}`;
    const world: World = {
      ...outer,
      outputs: folder,
      runId,
      running: { ...outer.running, tell, labels: { ...outer.running.labels, [LABEL.run]: runId } },
      lease: lazyLease(outer.leases),
      say: () => {},
      warn: () => {},
      workflow: undefined,
    };
    try {
      await rm(folder, { recursive: true, force: true }); // what it says is not of this attempt
      const subject = await item.read();
      if (!subject.ok) return endOf(subject.error);
      const { resultsIn: _elsewhere, ...here } = subject.value;
      const limit = item.options.timeLimitSeconds;
      return await reproSubject(world, here, {
        ...options,
        vary: [...(options.vary ?? []), ...(item.options.vary ?? [])],
        skip: [...(options.skip ?? []), ...(item.options.skip ?? [])],
        ...(limit === undefined ? {} : { timeLimitSeconds: limit }),
      });
    } finally {
      this.#keep(world.lease.release());
    }
  }

  #countLost(status: Status, failure: Failure | undefined): void {
    const lost = status === 'infrastructure' && failure?.reason === 'unreachable';
    this.#inARow = lost ? this.#inARow + 1 : 0;
    if (failure === undefined || this.#inARow < MOST_IN_A_ROW) return;
    this.#stop({
      ...failure,
      message: `${MOST_IN_A_ROW} packages one after the other could not be fetched; the last: ${failure.message}`,
    });
  }

  async #waitFor(ms: number, wake: Promise<void>): Promise<void> {
    if (this.#running === 0) this.#run.progress.waits(ms / 1000);
    const done = new AbortController();
    await Promise.race([wake, sleep(Math.max(10, ms), undefined, { signal: done.signal }).catch(() => undefined)]);
    done.abort();
  }

  #over(): boolean {
    return this.#stopped !== undefined || this.#bug !== undefined || this.#world.running.signal.aborted;
  }

  #stop(failure: Failure): void {
    this.#stopped ??= failure;
    this.#notify();
  }

  #keep(result: Result<unknown>): void {
    if (!result.ok) this.#stop(result.error);
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

function whyText(ended: AttemptEnd, status: Status): string {
  const causes = [...new Set(ended.different.flatMap(({ causes: of }) => of))];
  const none = { name: '', target: '', kind: null, version: null, inputs: null, outputs: null, lock: null, report: null, tries: [] };
  return reasonText({ ...none, ...ended, state: 'finished', status, causes });
}

/** The exit status of a run that stopped. */
export function stoppedStatus(failure: Failure): number {
  return EXIT_STATUS[failure.kind];
}
