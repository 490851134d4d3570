import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildPlan, Varied } from '../../src/build/types.ts';
import type { Cause, CauseContext } from '../../src/cause/types.ts';
import type { ArtefactVerdict } from '../../src/deb/types.ts';
import { type CorpusPackage, corpusFiles } from './corpus.ts';
import { PROJECT, projectRig, type Rig } from './rig.ts';

type Explained = ArtefactVerdict & { readonly causes: readonly Cause[] };
type Report = {
  readonly startedAt: string;
  readonly epoch: number;
  readonly varied: readonly Varied[];
  readonly artefacts: readonly Explained[];
};

/** Builds a package of the corpus twice with the real command line; with TWINBUILD_RECORD set, keeps what differed for the unit tests. */
export async function builtCorpus(made: CorpusPackage): Promise<Report> {
  await using r = await projectRig();
  await r.write(corpusFiles(made));
  const locked = await r.exec('lock', made.name);
  if (locked.status !== 0) throw new Error(locked.stderr);
  const { status, stdout, stderr } = await r.exec('repro', made.name, '--json', ...made.flags);
  if (status !== 1) throw new Error(`exit status ${status}\n${stderr}\n${stdout}`);
  const report = JSON.parse(stdout) as Report;
  if (process.env['TWINBUILD_RECORD']) await record(r, made, report);
  return report;
}

/** Keeps what was found in test/fixtures/corpus/. */
async function record(r: Rig, made: CorpusPackage, report: Report): Promise<void> {
  const planned = await r.exec('plan', made.name, '--json', ...made.flags.filter((flag) => flag !== '--sequential'));
  const plan = JSON.parse(planned.stdout) as { readonly first: BuildPlan; readonly second: BuildPlan };
  const began = Math.floor(Date.parse(report.startedAt) / 1000);
  const context: CauseContext = {
    first: plan.first.surroundings,
    second: plan.second.surroundings,
    varied: report.varied,
    epoch: report.epoch,
    builtAtSeconds: [began, began],
  };
  const artefacts = report.artefacts.filter(({ verdict }) => verdict === 'different').map(({ causes: _, ...artefact }) => artefact);
  await writeFile(join(PROJECT, 'test/fixtures/corpus', `${made.name}.json`), `${JSON.stringify({ context, artefacts }, null, 1)}\n`);
}
