import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sortedBy } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import { runBuild } from '../build/run.ts';
import type { BuildPlan, Built } from '../build/types.ts';
import { causesOf } from '../cause/causes.ts';
import type { Comparison } from '../deb/types.ts';
import type { Engine } from '../docker/engine.ts';
import { compareRebuilt, isPackage, type Published } from '../rebuild/compare.ts';
import { deepText } from '../report/deep.ts';
import { failureText } from '../report/failure.ts';
import { makeReport, type Report, type RunFacts, verdictOf } from '../report/report.ts';
import { reportText } from '../report/terminal.ts';
import type { Verification } from '../report/verify.ts';
import type { Store } from '../store/types.ts';
import { DEEP_FOLDER, lookDeep } from './deep.ts';
import { endOf, type ReproEnd } from './deeper.ts';
import { diskFailure } from './disk.ts';
import { type OutputFolder, openOutput, publish, REPORT_FILES, sumsText, VERIFY, writePapers } from './output.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** The folder of what was built, in out/verify/NAME/. */
export const REBUILT = 'rebuilt';
/** That of a second build in the same place, with --twice. */
export const AGAIN = 'rebuilt-again';

export type RebuildTools = { readonly engine: Engine; readonly store: Store };

/** A build that is held against what was published. */
export type Rebuild = {
  readonly plan: BuildPlan;
  readonly published: readonly Published[];
  readonly twice: boolean;
  readonly only?: boolean; // what was not published is no difference: it may be published elsewhere
};

export type Rebuilt = {
  readonly built: Built;
  readonly comparison: Comparison;
  readonly twice: readonly string[] | undefined; // packages that a second build here did not give again; undefined: there was none
};

/** Runs a plan once, or twice to see whether it gives the same here at all, and compares. */
export async function rebuildOnce(
  world: World,
  { engine, store }: RebuildTools,
  { plan, published, twice, only = false }: Rebuild,
  folder: OutputFolder,
  part = '',
): Promise<Result<Rebuilt>> {
  const run = (name: string, to: string): Promise<Result<Built>> =>
    runBuild({ engine, store, running: world.running, build: name, plan, folder: join(folder.work, to, part), folderOf: () => undefined });
  const built = await run('second', REBUILT);
  if (!built.ok) return built;
  const again = twice ? await run('again', AGAIN) : undefined;
  if (again !== undefined && !again.ok) return again;
  const { signal } = world.running;
  const names = new Set(published.map(({ name }) => name));
  const compared = only ? built.value.outputs.filter(({ name }) => names.has(name)) : built.value.outputs;
  const comparison = await compareRebuilt(published, compared, { signal });
  if (!comparison.ok) return comparison;
  return ok({ built: built.value, comparison: comparison.value, twice: again && unlike(built.value, again.value) });
}

/** Packages that two builds did not both make, or not with the same bytes; in byte order. */
function unlike(one: Built, other: Built): readonly string[] {
  const digests = ({ outputs }: Built) => new Map(outputs.filter(isPackage).map(({ name, sha256 }) => [name, sha256]));
  const [first, second] = [digests(one), digests(other)];
  const names = new Set([...first.keys(), ...second.keys()]);
  return sortedBy(names, (name) => name).filter((name) => first.get(name) !== second.get(name));
}

/** What a second build in the same surroundings showed, as a note. */
export function twiceNotes(twice: readonly string[] | undefined): readonly string[] {
  if (twice === undefined) return [];
  if (twice.length === 0) return ['a second build here gave the same as the first'];
  return [`two builds here, one like the other, did not give the same ${twice.join(', ')}: that is not reproducible in itself`];
}

export type VerifyRun = {
  readonly name: string; // of the folder in out/verify/
  readonly deep: boolean;
};

/** What a run knows when it has ended. */
export type VerifyEnd = {
  readonly rebuilt: Rebuilt;
  readonly plan: BuildPlan;
  readonly published: readonly Published[];
  readonly verify: Verification;
};

/**
 * Does the work in a folder of its own, then writes the report in all its forms next to what was built.
 *
 * @param work is told of the folder, and how to add facts to the report as they are learnt
 */
export async function verifyRun(
  world: World,
  run: VerifyRun,
  facts: Omit<RunFacts, 'toolVersion' | 'startedAtMs' | 'endedAtMs'>,
  work: (folder: OutputFolder, learn: (more: Partial<RunFacts>) => void) => Promise<Result<VerifyEnd>>,
): Promise<ReproEnd> {
  const startedAtMs = world.nowMs();
  const folder = await openOutput(world, join(VERIFY, run.name));
  if (!folder.ok) return endOf(folder.error);
  let known: RunFacts = { ...facts, toolVersion: VERSION, startedAtMs, endedAtMs: startedAtMs };
  const learn = (more: Partial<RunFacts>): void => {
    known = { ...known, ...more };
  };
  const end = await work(folder.value, learn);
  learn({ endedAtMs: world.nowMs() });
  let report = reportOf(known, end);
  if (end.ok && report && run.deep) {
    const deepened = await withDeep(world, report, end.value, folder.value);
    if (!deepened.ok) return { ...endOf(deepened.error), report };
    report = deepened.value;
  }
  const papers = await papersOf(folder.value, end, report);
  const done = papers.ok ? await publish(folder.value, [...REPORT_FILES, DEEP_FOLDER, REBUILT, AGAIN, 'SHA256SUMS']) : papers;
  if (!end.ok) return { ...endOf(end.error), ...(report ? { report } : {}) };
  if (!done.ok) return endOf(done.error);
  if (!report) throw new Error('a comparison without a report');
  world.say(reportText(report, world.outPaint));
  const at = relative(process.cwd(), folder.value.path) || '.';
  world.say(`rebuilt   ${join(at, REBUILT)}/\nreport    ${join(at, 'report.html')}\n`);
  return { status: report.verdict === 'reproducible' ? 0 : 1, report };
}

function reportOf(facts: RunFacts, end: Result<VerifyEnd>): Report | undefined {
  if (!end.ok) {
    const verdict = verdictOf(end.error);
    return verdict && makeReport(facts, { failure: end.error, verdict });
  }
  const { rebuilt, plan, verify } = end.value;
  const context = { first: undefined, second: plan.surroundings, varied: [], epoch: plan.epoch, builtAtSeconds: undefined };
  const report = makeReport(facts, { comparison: rebuilt.comparison, explain: (artefact) => causesOf(artefact, context) });
  const { built } = rebuilt;
  return { ...report, builds: { first: null, second: { folder: REBUILT, wallSeconds: built.wallSeconds, steps: built.steps } }, verify };
}

/** What diffoscope says of the packages whose bytes are at hand on both sides. Only a signal makes another end of it. */
async function withDeep(world: World, report: Report, { rebuilt, published }: VerifyEnd, folder: OutputFolder): Promise<Result<Report>> {
  const first = published.flatMap(({ path, ...one }) => (path === undefined ? [] : [{ ...one, path }]));
  const looks = await lookDeep(world, { verdicts: report.artefacts, first, second: rebuilt.built.outputs, folder: folder.work }, {});
  if (!looks.ok) {
    const { kind } = looks.error;
    if (kind === 'interrupted' || kind === 'terminated') return looks;
    world.warn(failureText(looks.error, world.paint));
    return ok(report);
  }
  world.say(deepText(looks.value, world.outPaint, 20));
  return ok({ ...report, deep: looks.value });
}

async function papersOf(folder: OutputFolder, end: Result<VerifyEnd>, report: Report | undefined): Promise<Result<void>> {
  try {
    if (end.ok) await writeFile(join(folder.work, REBUILT, 'SHA256SUMS'), sumsText(end.value.rebuilt.built.outputs));
  } catch (error) {
    return { ok: false, error: diskFailure(folder.path, error) };
  }
  return writePapers(folder.work, {}, report);
}
