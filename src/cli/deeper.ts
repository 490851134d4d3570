import { rm } from 'node:fs/promises';
import { EXIT_STATUS, type Failure } from '../base/result.ts';
import { deepText } from '../report/deep.ts';
import { failureText } from '../report/failure.ts';
import type { Report } from '../report/report.ts';
import { whyText } from '../report/why.ts';
import { DEEP_FOLDER, lookDeep } from './deep.ts';
import { openOutput, publish, REPORT_FILES, writePapers } from './output.ts';
import type { ReproOptions } from './surroundings.ts';
import type { Compared } from './twins.ts';
import { searchWhy, type WhyRequest } from './why.ts';
import type { World } from './world.ts';

/** How the run of one target ended. */
export type ReproEnd = { readonly status: number; readonly report?: Report; readonly failure?: Failure };

export function endOf(failure: Failure): ReproEnd {
  return { status: EXIT_STATUS[failure.kind], failure };
}

/** Lets diffoscope look into what differs, and puts that into the report. As with `why`, only a signal makes another end of it. */
export async function reproDeep(
  world: World,
  { search }: Compared,
  report: Report,
  options: ReproOptions,
): Promise<ReproEnd & { readonly report: Report }> {
  const folder = await openOutput(world, report.recipe.name);
  if (!folder.ok) return { ...endOf(folder.error), report };
  const [first, second] = [search.state.first.built.outputs, search.state.second.built.outputs];
  const looks = await lookDeep(world, { verdicts: report.artefacts, first, second, folder: folder.value.work }, options);
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
export async function reproWhy(world: World, search: WhyRequest, report: Report): Promise<ReproEnd> {
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
  const folder = await openOutput(world, report.recipe.name);
  if (!folder.ok) return { ...endOf(folder.error), report: explained };
  const papers = await writePapers(folder.value.work, {}, explained);
  const done = papers.ok ? await publish(folder.value, REPORT_FILES) : papers;
  return done.ok ? { status: 1, report: explained } : { ...endOf(done.error), report: explained };
}
