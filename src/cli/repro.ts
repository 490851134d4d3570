import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { EXIT_STATUS, type Failure, ok, type Result } from '../base/result.ts';
import { planBuild } from '../build/plan.ts';
import { reproduce } from '../build/reproduce.ts';
import type { Built, SurroundingName } from '../build/types.ts';
import type { WhyState } from '../build/why-state.ts';
import { causesOf } from '../cause/causes.ts';
import { compareOutputs } from '../deb/compare.ts';
import { deepText } from '../report/deep.ts';
import { failureJson, failureText } from '../report/failure.ts';
import { makeReport, type Report, type RunFacts, verdictOf } from '../report/report.ts';
import { reportText } from '../report/terminal.ts';
import { whyText } from '../report/why.ts';
import { makeBuilder } from './builder.ts';
import { DEEP_FOLDER, lookDeep } from './deep.ts';
import { tellGithub } from './github.ts';
import { warnBefore } from './lint.ts';
import { type OutputFolder, openOutput, publish, published, REPORT_FILES, writePapers } from './output.ts';
import type { Outcome } from './run.ts';
import { recipeSubject } from './subject.ts';
import { type ReproOptions, twoSurroundings } from './surroundings.ts';
import { VERSION } from './version.ts';
import { earlierBuilds, freshState, saveState, searchWhy, WHY_FILE, type WhyRequest } from './why.ts';
import type { World } from './world.ts';

type Compared = Extract<Parameters<typeof makeReport>[1], { comparison: unknown }> & {
  readonly search: WhyRequest;
  readonly reused: boolean;
};
type End = { readonly status: number; readonly report?: Report; readonly failure?: Failure };

/** `twinbuild repro RECIPE…`: two builds each, compared. Exit status: the first failure's, else 1 when any differs, else 0. */
export async function repro(world: World, names: readonly string[], options: ReproOptions): Promise<Outcome> {
  const ends: End[] = [];
  for (const name of names) {
    const end = await reproOne(world, name, options);
    ends.push(end);
    await tellGithub(world, name, end);
    if (end.failure?.kind === 'interrupted' || end.failure?.kind === 'terminated') break;
    if (end.failure && names.length > 1) world.warn(`${name}: ${end.failure.message}\n`);
  }
  const worst = ends.find(({ failure }) => failure) ?? ends.find(({ status }) => status !== 0);
  const documents = ends.map(({ report, failure, status }) => report ?? { status, failure: failure && failureJson(failure) });
  return {
    status: worst?.status ?? 0,
    json: names.length === 1 ? documents[0] : { results: documents },
    ...(worst?.failure ? { failure: worst.failure } : {}),
  };
}

async function reproOne(world: World, name: string, options: ReproOptions): Promise<End> {
  const startedAtMs = world.nowMs();
  const subject = await recipeSubject(world, name);
  if (!subject.ok) return endOf(subject.error);
  const { recipe } = subject.value;
  await warnBefore(world, subject.value);
  const folder = await openOutput(world.root, recipe.name);
  if (!folder.ok) return endOf(folder.error);
  let facts: RunFacts = { toolVersion: VERSION, recipe, startedAtMs, endedAtMs: startedAtMs };
  const learn = (more: Partial<RunFacts>): void => {
    facts = { ...facts, ...more };
  };

  const result = await buildTwice(world, subject.value, folder.value, options, learn);
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

/** Lets diffoscope look into what differs, and puts that into the report. As with `why`, only a signal makes another end of it. */
async function reproDeep(
  world: World,
  { search, comparison }: Compared,
  report: Report,
  options: ReproOptions,
): Promise<End & { readonly report: Report }> {
  const folder = await openOutput(world.root, report.recipe.name);
  if (!folder.ok) return { ...endOf(folder.error), report };
  const [first, second] = [search.state.first.built.outputs, search.state.second.built.outputs];
  const looks = await lookDeep(world, { verdicts: comparison.artefacts, first, second, folder: folder.value.work }, options);
  if (!looks.ok) {
    await rm(folder.value.work, { recursive: true, force: true });
    const { kind } = looks.error;
    if (kind === 'interrupted' || kind === 'terminated') return { ...endOf(looks.error), report };
    world.warn(failureText(looks.error, world.paint));
    return { status: 1, report };
  }
  world.say(deepText(looks.value, world.outPaint, MOST_DEEP_LINES));
  const deepened: Report = { ...report, deep: looks.value };
  const papers = await writePapers(folder.value.work, {}, deepened);
  const done = papers.ok ? await publish(folder.value, [...REPORT_FILES, DEEP_FOLDER]) : papers;
  return done.ok ? { status: 1, report: deepened } : { ...endOf(done.error), report: deepened };
}

/** Lines of diffoscope's text for each output; the rest is in its file. */
const MOST_DEEP_LINES = 20;

/** Finds out which surroundings matter, and puts that into the report. The verdict is there already: only a signal makes another end of it. */
async function reproWhy(world: World, search: WhyRequest, report: Report): Promise<End> {
  const why = await searchWhy(world, search);
  if (!why.ok) {
    const { kind } = why.error;
    if (kind === 'interrupted' || kind === 'terminated') return { ...endOf(why.error), report };
    world.warn(failureText(why.error, world.paint));
    world.warn('Which surroundings matter was not found out. The same command goes on from here.\n');
    return { status: 1, report };
  }
  world.say(whyText(why.value, world.outPaint));
  const explained: Report = { ...report, why: why.value };
  const folder = await openOutput(world.root, report.recipe.name);
  if (!folder.ok) return { ...endOf(folder.error), report: explained };
  const papers = await writePapers(folder.value.work, {}, explained);
  const done = papers.ok ? await publish(folder.value, REPORT_FILES) : papers;
  return done.ok ? { status: 1, report: explained } : { ...endOf(done.error), report: explained };
}

function endOf(failure: Failure): End {
  return { status: EXIT_STATUS[failure.kind], failure };
}

function reportOf(facts: RunFacts, result: Result<Compared>): Report | undefined {
  if (result.ok) return makeReport(facts, result.value);
  const verdict = verdictOf(result.error);
  return verdict ? makeReport(facts, { failure: result.error, verdict }) : undefined;
}

/** From the recipe to the comparison of both builds; what is learnt on the way goes into the report even when a later part fails. */
async function buildTwice(
  world: World,
  subject: Parameters<typeof makeBuilder>[1] & { kind: 'recipe' },
  folder: OutputFolder,
  options: ReproOptions,
  learn: (more: Partial<RunFacts>) => void,
): Promise<Result<Compared>> {
  const builder = await makeBuilder(world, subject, options);
  if (!builder.ok) return builder;
  const { lock, lockDigest, resolvedAnew, image, engine, store } = builder.value;
  learn({ lock, lockDigest, epoch: lock.epoch, image: image.id, ...(resolvedAnew ? { resolvedAnew } : {}) });
  const around = await twoSurroundings(subject.recipe, builder.value, options);
  if (!around.ok) return around;
  learn({ varied: around.value.varied, notVaried: around.value.notVaried });

  const plan = (surroundings: typeof around.value.first) =>
    planBuild({ recipe: subject.recipe, lock, lockDigest, image, folders: builder.value.folders, surroundings });
  const plans = { first: plan(around.value.first), second: plan(around.value.second) };
  const earlier = options.why ? await earlierBuilds(folder.path, plans.first, plans.second) : undefined;
  if (earlier) {
    world.running.tell({ kind: 'note', text: `both builds of ${subject.recipe.name} are there from an earlier run of the same plans` });
    learn({ first: earlier.first.built, second: earlier.second.built });
  }
  const began = { first: 0, second: 0 };
  const built = earlier
    ? ok({ first: earlier.first.built, second: earlier.second.built })
    : await reproduce({
        engine,
        store,
        running: world.running,
        first: { plan: plans.first, folder: join(folder.work, 'first') },
        second: { plan: plans.second, folder: join(folder.work, 'second') },
        folderOf: builder.value.folderOf,
        parallel: options.parallel ? true : options.sequential ? false : undefined,
        learn: (which: 'first' | 'second', one: Built) => {
          began[which] = world.nowMs() / 1000 - one.wallSeconds;
          learn({ [which]: published(one, folder, which) });
        },
      });
  if (!built.ok) return built;
  const comparison = await compareOutputs(built.value.first.outputs, built.value.second.outputs);
  if (!comparison.ok) return comparison;
  const { first, second, varied } = around.value;
  const state: WhyState =
    earlier ?? freshState(plans, published(built.value.first, folder, 'first'), published(built.value.second, folder, 'second'), began);
  const builtAtSeconds = [state.first.beganSeconds, state.second.beganSeconds] as const;
  const names = varied.map(({ name }) => name);
  const planOf = async (some: readonly SurroundingName[]) => {
    const skip = [...(options.skip ?? []), ...names.filter((name) => !some.includes(name))];
    const these = await twoSurroundings(subject.recipe, builder.value, { ...options, skip });
    return these.ok ? ok(plan(these.value.second)) : these;
  };
  return ok({
    comparison: comparison.value,
    explain: (artefact) => causesOf(artefact, { first, second, varied, epoch: lock.epoch, builtAtSeconds }),
    search: { recipe: subject.recipe.name, builder: builder.value, names, planOf, state, comparison: comparison.value },
    reused: earlier !== undefined,
  });
}

/** Where the .debs and the report are. */
function placesText(folder: OutputFolder): string {
  const at = relative(process.cwd(), folder.path) || '.';
  return [`packages  ${join(at, 'first')}/`, `report    ${join(at, 'report.html')}`].join('\n');
}
