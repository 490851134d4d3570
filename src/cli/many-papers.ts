import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeControl } from '../base/escape.ts';
import { ok, type Result } from '../base/result.ts';
import type { ItemState } from '../queue/types.ts';
import { type ManyFacts, type ManyReport, makeManyReport } from '../report/many.ts';
import { manyHtml } from '../report/many-html.ts';
import { manyJunit } from '../report/many-junit.ts';
import { manyMarkdown } from '../report/many-markdown.ts';
import type { Report } from '../report/report.ts';
import { diskFailure } from './disk.ts';
import { writeWhole } from './output.ts';
import type { World } from './world.ts';

/** Writes the index over a list in its forms; they stand beside the folders of its packages. */
export async function writeIndex(
  folder: string,
  facts: Omit<ManyFacts, 'hasReport'>,
  items: readonly ItemState[],
): Promise<Result<ManyReport>> {
  const report = makeManyReport({ ...facts, hasReport: (name) => existsSync(join(folder, name, 'report.html')) }, items);
  try {
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, 'index.json'), `${JSON.stringify(report, null, 1)}\n`);
    await writeWhole(join(folder, 'index.html'), manyHtml(report));
    await writeWhole(join(folder, 'junit.xml'), manyJunit(report));
    return ok(report);
  } catch (error) {
    return { ok: false, error: diskFailure(folder, error) };
  }
}

/** The report in that folder; undefined when there is none, or half of one. */
export async function readReport(folder: string): Promise<Report | undefined> {
  try {
    const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report;
    return report.schema === 1 && typeof report.startedAt === 'string' && Array.isArray(report.artefacts) ? report : undefined;
  } catch {
    return undefined;
  }
}

/** Adds the list to the summary of a job of GitHub Actions. */
export async function summarizeMany(world: World, report: ManyReport): Promise<void> {
  const summary = world.workflow && world.environment['GITHUB_STEP_SUMMARY'];
  if (!summary) return;
  await appendFile(summary, `${manyMarkdown(report)}\n`).catch((error: Error) => {
    world.warn(`The job summary could not be written: ${escapeControl(error.message)}\n`);
  });
}
