import { join, relative } from 'node:path';
import type { Failure, Result } from '../base/result.ts';
import { makeReport, type Report, type RunFacts, verdictOf } from '../report/report.ts';
import { reportText } from '../report/terminal.ts';
import { DEEP_FOLDER } from './deep.ts';
import { endOf, type ReproEnd, reproDeep, reproWhy } from './deeper.ts';
import { warnBefore } from './lint.ts';
import { type OutputFolder, openOutput, publish, REPORT_FILES, writePapers } from './output.ts';
import { type RecipeSubject, resultsWorld } from './subject.ts';
import { type ReproOptions, usualOptions } from './surroundings.ts';
import { buildTwice, type Compared } from './twins.ts';
import { VERSION } from './version.ts';
import { saveState, WHY_FILE } from './why.ts';
import type { World } from './world.ts';

export type ReproSubjectOptions = ReproOptions & { readonly timeLimitSeconds?: number }; // of everything together: downloads, image, builds, comparison

/**
 * Two builds of one subject, compared; report and packages are in out/NAME/ after. A run past its time limit ends with a failure of kind timeout, reason
 * `run-timeout`.
 */
export async function reproSubject(world: World, subject: RecipeSubject, options: ReproSubjectOptions): Promise<ReproEnd> {
  const { timeLimitSeconds } = options;
  if (timeLimitSeconds === undefined) return reproUnlimited(resultsWorld(world, subject), subject, options);
  const limit = new AbortController();
  const failure: Failure = {
    kind: 'timeout',
    reason: 'run-timeout',
    message: `${subject.recipe.name} was stopped: it took longer than its limit of ${timeLimitSeconds} s.`,
    next: 'Raise the time limit of the run.',
  };
  const timer = setTimeout(() => limit.abort(failure), timeLimitSeconds * 1000);
  try {
    const signal = AbortSignal.any([world.running.signal, limit.signal]);
    const limited = { ...world, running: { ...world.running, signal } };
    return await reproUnlimited(resultsWorld(limited, subject), subject, options);
  } finally {
    clearTimeout(timer);
  }
}

async function reproUnlimited(world: World, subject: RecipeSubject, asked: ReproOptions): Promise<ReproEnd> {
  const options = usualOptions(subject, asked);
  const startedAtMs = world.nowMs();
  const { recipe } = subject;
  await warnBefore(world, subject);
  const folder = await openOutput(world, recipe.name);
  if (!folder.ok) return endOf(folder.error);
  let facts: RunFacts = { toolVersion: VERSION, recipe, startedAtMs, endedAtMs: startedAtMs };
  const learn = (more: Partial<RunFacts>): void => {
    facts = { ...facts, ...more };
  };

  const result = await buildTwice(world, subject, folder.value, options, learn);
  learn({ endedAtMs: world.nowMs() });
  const report = reportOf(facts, result);
  const builds = { ...(facts.first ? { first: facts.first } : {}), ...(facts.second ? { second: facts.second } : {}) };
  const reused = result.ok && result.value.reused;
  const papers = await writePapers(folder.value.work, reused ? {} : builds, report);
  const stale = [...REPORT_FILES, DEEP_FOLDER, ...(reused ? [] : ['first', 'second', 'SHA256SUMS', WHY_FILE])];
  const done = papers.ok ? await publish(folder.value, stale) : papers;
  if (!result.ok) return { ...endOf(result.error), ...(report ? { report } : {}) };
  if (!done.ok) return endOf(done.error);
  if (!report) throw new Error('a comparison without a report');
  world.say(reportText(report, world.outPaint));
  world.say(`${placesText(folder.value)}\n`);
  if (report.verdict === 'reproducible') return { status: 0, report };
  const saved = await saveState(folder.value.path, result.value.search.state);
  if (!saved.ok) return { ...endOf(saved.error), report };
  const deeper = options.deep ? await reproDeep(world, result.value, report, options) : { status: 1, report };
  if (deeper.failure || !options.why) return deeper;
  return reproWhy(world, result.value.search, deeper.report);
}

function reportOf(facts: RunFacts, result: Result<Compared>): Report | undefined {
  if (result.ok) return makeReport(facts, result.value);
  const verdict = verdictOf(result.error);
  return verdict ? makeReport(facts, { failure: result.error, verdict }) : undefined;
}

/** Where the .debs and the report are. */
function placesText(folder: OutputFolder): string {
  const at = relative(process.cwd(), folder.path) || '.';
  return [`packages  ${join(at, 'first')}/`, `report    ${join(at, 'report.html')}`].join('\n');
}
