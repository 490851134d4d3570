import { join, relative } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { type Failure, ok, type Result } from '../base/result.ts';
import { exitStatusOf } from '../queue/course.ts';
import type { Records } from '../queue/records.ts';
import type { ItemState } from '../queue/types.ts';
import type { ManyFacts, ManyReport } from '../report/many.ts';
import { manyText } from '../report/many-terminal.ts';
import { takeLock } from '../store/database.ts';
import { endOfReport } from './attempt.ts';
import { tellGithubOfFailure, tellGithubOfList } from './github.ts';
import { limitsOf } from './limits.ts';
import { Disk } from './many-disk.ts';
import { MANY } from './many-folder.ts';
import { type ManyItem, manyItems } from './many-items.ts';
import { listFromContainer, listFromFile, type TargetList } from './many-list.ts';
import { type Again, againOf, keepsOutputs, type ManyOptions, timeLimitOf, usualJobs } from './many-options.ts';
import { readReport, summarizeMany, writeIndex } from './many-papers.ts';
import { ManyProgress } from './many-progress.ts';
import { ManyRun, stoppedStatus } from './many-run.ts';
import { failed } from './outcome.ts';
import { dropOutputs } from './output.ts';
import { theRecords } from './records.ts';
import type { Outcome } from './run.ts';
import { theEngine } from './tools.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** Statuses of packages that have a report, as long as nobody has removed it. */
const REPORTED = new Set(['reproducible', 'different', 'flaky', 'build-failed', 'timeout', 'unverified-input']);
const INDEX_EVERY_MS = 10_000;
const USUAL_RETRIES = 3;

/**
 * `twinbuild repro --from FILE` and `--from-container NAME`: a queue of packages, which goes on where it was however it ended. Exit status: that of the
 * worst package, or why it stopped.
 */
export async function many(world: World, options: ManyOptions): Promise<Outcome> {
  const list =
    options.from !== undefined ? await listFromFile(world, options.from) : await listFromContainer(world, options.fromContainer ?? '');
  if (!list.ok) {
    tellGithubOfFailure(world, list.error, options.from ?? '');
    return failed(list.error);
  }
  const folder = join(world.root, 'out', MANY, list.value.name);
  const lock = takeLock(join(world.home, 'queues', `${sha256(folder).slice(0, 32)}.lock`));
  if (!lock.ok) return failed(lock.error);
  if (lock.value === undefined) return failed(busy(list.value));
  try {
    const records = theRecords(world);
    if (!records.ok) return failed(records.error);
    try {
      return await runList(world, list.value, folder, records.value, options);
    } finally {
      records.value.close();
    }
  } finally {
    lock.value.release();
  }
}

async function runList(world: World, list: TargetList, folder: string, records: Records, options: ManyOptions): Promise<Outcome> {
  const again = againOf(options.again);
  if (!again.ok) return failed(again.error);
  const timeLimit = timeLimitOf(options.timeLimit);
  if (!timeLimit.ok) return failed(timeLimit.error);
  const stopAfter = timeLimitOf(options.stopAfter, '--stop-after');
  if (!stopAfter.ok) return failed(stopAfter.error);
  const limits = limitsOf(world, options);
  if (!limits.ok) return failed(limits.error);
  const engine = await theEngine(world);
  if (!engine.ok) return failed(engine.error);
  const info = await engine.value.info();
  if (!info.ok) return failed(info.error);
  const items = await manyItems(world, list.entries, { ...options, timeLimitSeconds: timeLimit.value });
  if (!items.ok) return failed(items.error);
  const opened = await open(world, folder, records, items.value, { again: again.value, keepOutputs: options.keepOutputs });
  if (!opened.ok) return failed(opened.error);

  const startedAtMs = world.nowMs();
  const before = opened.value.filter(({ state }) => state === 'finished').length;
  if (before > 0) world.running.tell({ kind: 'note', text: beforeText(before, items.value.length) });
  const facts = { twinbuild: VERSION, list: list.shown, name: list.name, startedAtMs };
  const index = async (stopped: Failure | undefined): Promise<Result<ManyReport>> => {
    const now = records.items(folder);
    return now.ok ? writeIndex(folder, { ...facts, stopped: stoppedFact(stopped), nowMs: world.nowMs() }, now.value) : now;
  };
  const progress = new ManyProgress({ tell: world.running.tell, nowMs: world.nowMs, total: items.value.length, before });
  let writtenMs = 0;
  const changed = async (): Promise<void> => {
    if (world.nowMs() - writtenMs < INDEX_EVERY_MS) return;
    writtenMs = world.nowMs();
    await index(undefined); // written again at the end, where it counts
  };
  const run = new ManyRun(world, {
    queue: folder,
    items: new Map(items.value.map((item) => [item.key, item])),
    records,
    progress,
    disk: new Disk(world, engine.value, info.value, limits.value),
    retries: { infrastructure: options.retries ?? USUAL_RETRIES, builds: options.retryBuilds ?? 0 },
    options,
    untilMs: startedAtMs + 1000 * (stopAfter.value ?? Number.POSITIVE_INFINITY),
    changed,
  });
  const stopped = await run.run(options.jobs ?? usualJobs(info.value)).finally(() => progress.close());
  const written = await index(stopped);
  if (!written.ok) return failed(stopped ?? written.error);
  tellGithubOfList(world, written.value, new Map(items.value.flatMap(({ name, at }) => (at ? [[name, at]] : []))));
  return concluded(world, folder, written.value, stopped);
}

async function concluded(world: World, folder: string, report: ManyReport, stopped: Failure | undefined): Promise<Outcome> {
  world.say(manyText(report, world.outPaint, process.stdout.columns ?? 120));
  world.say(`index  ${relative(process.cwd(), join(folder, 'index.html'))}\n`);
  await summarizeMany(world, report);
  if (stopped) return { status: stoppedStatus(stopped), json: report, failure: stopped };
  return { status: exitStatusOf(report.results.flatMap(({ status }) => status ?? [])), json: report };
}

/** Makes the queue be these items: what finished before stays so, when its results are there and of the present lock. */
async function open(
  world: World,
  folder: string,
  records: Records,
  items: readonly ManyItem[],
  { again, keepOutputs }: { readonly again: Again; readonly keepOutputs: ManyOptions['keepOutputs'] },
): Promise<Result<readonly ItemState[]>> {
  const adopted = await adopt(folder, records, keepOutputs);
  if (!adopted.ok) return adopted;
  const before = records.items(folder);
  if (!before.ok) return before;
  const byKey = new Map(items.map((item) => [item.key, item]));
  const reported = await reportedKeys(folder, records, items);
  if (!reported.ok) return reported;
  const limits = new Map(before.value.map(({ key, options }) => [key, options.timeLimitSeconds]));
  const opened = records.openQueue(folder, items, (item) => {
    const now = byKey.get(item.key);
    const used = item.attempts.at(-1)?.lock ?? undefined;
    const otherLock = now?.derived === true && now.lock !== undefined && used !== undefined && now.lock !== used;
    const moreTime = item.status === 'timeout' && limits.get(item.key) !== item.options.timeLimitSeconds;
    const owner = reported.value.get(item.name);
    const gone = owner === undefined ? item.status !== null && REPORTED.has(item.status) : owner !== item.key;
    return gone || otherLock || moreTime || (item.status !== null && again.has(item.status));
  });
  if (!opened.ok) return opened;
  world.running.tell({ kind: 'stage', text: items.length === 1 ? '1 package' : `${items.length} packages` });
  return records.items(folder);
}

/**
 * Whose report lies in the folder of each name, by key. A line may have been another one since it was written, or two lines may have changed places: a
 * name of a folder says nothing.
 */
async function reportedKeys(
  folder: string,
  records: Records,
  items: readonly ManyItem[],
): Promise<Result<ReadonlyMap<string, string | undefined>>> {
  const keys = new Map<string, string>();
  for (const { name } of items) {
    const at = join(folder, name);
    const report = await readReport(at);
    if (report === undefined) continue;
    const writer = records.writerOf(folder, at, Date.parse(report.startedAt));
    if (!writer.ok) return writer;
    keys.set(name, writer.value ?? '');
  }
  return ok(keys);
}

/** A process that was killed may have written a report and not noted it: what it says of the attempt counts. */
async function adopt(folder: string, records: Records, keep: ManyOptions['keepOutputs']): Promise<Result<void>> {
  const abandoned = records.abandoned(folder);
  if (!abandoned.ok) return abandoned;
  for (const { key, name, attempt } of abandoned.value) {
    const report = await readReport(join(folder, name));
    if (report === undefined || Date.parse(report.startedAt) < attempt.startedAtMs) continue;
    const end = endOfReport(report);
    if (end === undefined || end.status === 'infrastructure' || end.status === 'source-missing') continue;
    const finished = records.finish(folder, key, attempt.id, end);
    const done = finished.ok && !keepsOutputs(finished.value, keep) ? await dropOutputs(join(folder, name), report) : finished;
    if (!done.ok) return done;
  }
  return ok();
}

function beforeText(before: number, total: number): string {
  if (before === total)
    return total === 1
      ? 'its only package is finished; --again builds it once more'
      : `all ${total} packages are finished; --again builds them once more`;
  return `${before} of ${total} packages are finished from earlier; the others are built now`;
}

function stoppedFact(failure: Failure | undefined): ManyFacts['stopped'] {
  return failure ? { reason: failure.reason, message: failure.message, next: failure.next ?? null } : null;
}

function busy({ shown }: TargetList): Failure {
  return {
    kind: 'preflight',
    reason: 'queue-busy',
    message: `Another run works on ${shown}`,
    next: 'Wait for it, or stop it; this one would go on where that one was.',
  };
}
