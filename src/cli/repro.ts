import { join, relative } from 'node:path';
import { EXIT_STATUS, type Failure, ok, type Result } from '../base/result.ts';
import { planBuild } from '../build/plan.ts';
import { reproduce } from '../build/reproduce.ts';
import type { Built } from '../build/types.ts';
import { causesOf } from '../cause/causes.ts';
import { compareOutputs } from '../deb/compare.ts';
import { failureJson } from '../report/failure.ts';
import { makeReport, type Report, type RunFacts, verdictOf } from '../report/report.ts';
import { reportText } from '../report/terminal.ts';
import { makeBuilder } from './builder.ts';
import { type OutputFolder, openOutput, publish, published, writePapers } from './output.ts';
import type { Outcome } from './run.ts';
import { recipeSubject } from './subject.ts';
import { type ReproOptions, twoSurroundings } from './surroundings.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

type End = { readonly status: number; readonly report?: Report; readonly failure?: Failure };

/** `twinbuild repro RECIPE…`: two builds each, compared. Exit status: the first failure's, else 1 when any differs, else 0. */
export async function repro(world: World, names: readonly string[], options: ReproOptions): Promise<Outcome> {
  const ends: End[] = [];
  for (const name of names) {
    const end = await reproOne(world, name, options);
    ends.push(end);
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
  const papers = await writePapers(folder.value.work, builds, report);
  const done = papers.ok ? await publish(folder.value, ['first', 'second', 'report.json', 'SHA256SUMS']) : papers;
  if (!result.ok) return { ...endOf(result.error), ...(report ? { report } : {}) };
  if (!done.ok) return endOf(done.error);
  if (!report) throw new Error('a comparison without a report');
  world.say(reportText(report, world.outPaint));
  world.say(`${placesText(folder.value)}\n`);
  return { status: report.verdict === 'reproducible' ? 0 : 1, report };
}

function endOf(failure: Failure): End {
  return { status: EXIT_STATUS[failure.kind], failure };
}

function reportOf(facts: RunFacts, result: Result<Parameters<typeof makeReport>[1]>): Report | undefined {
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
): Promise<Result<Parameters<typeof makeReport>[1]>> {
  const builder = await makeBuilder(world, subject, options);
  if (!builder.ok) return builder;
  const { lock, lockDigest, resolvedAnew, image, engine, store } = builder.value;
  learn({ lock, lockDigest, epoch: lock.epoch, image: image.id, ...(resolvedAnew ? { resolvedAnew } : {}) });
  const around = await twoSurroundings(subject.recipe, builder.value, options);
  if (!around.ok) return around;
  learn({ varied: around.value.varied, notVaried: around.value.notVaried });

  const plan = (surroundings: typeof around.value.first) =>
    planBuild({ recipe: subject.recipe, lock, lockDigest, image, folders: builder.value.folders, surroundings });
  const began: { first?: number; second?: number } = {};
  const built = await reproduce({
    engine,
    store,
    running: world.running,
    first: { plan: plan(around.value.first), folder: join(folder.work, 'first') },
    second: { plan: plan(around.value.second), folder: join(folder.work, 'second') },
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
  const builtAtSeconds = [began.first ?? 0, began.second ?? 0] as const;
  return ok({
    comparison: comparison.value,
    explain: (artefact) => causesOf(artefact, { first, second, varied, epoch: lock.epoch, builtAtSeconds }),
  });
}

/** Where the .debs and the report are. */
function placesText(folder: OutputFolder): string {
  const at = relative(process.cwd(), folder.path) || '.';
  return [`packages  ${join(at, 'first')}/`, `report    ${join(at, 'report.json')}`].join('\n');
}
