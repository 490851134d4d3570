import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { BuildPlan, Varied } from '../../src/build/types.ts';
import type { Cause, CauseContext } from '../../src/cause/types.ts';
import type { ArtefactVerdict } from '../../src/deb/types.ts';
import { CORPUS, type CorpusPackage, corpusFiles } from '../helpers/corpus.ts';
import { PROJECT, projectRig, type Rig } from '../helpers/rig.ts';
import { causesOfFile, isExpected, judged, type Score, scoreText } from '../helpers/score.ts';

type Explained = ArtefactVerdict & { readonly causes: readonly Cause[] };
type Report = {
  readonly startedAt: string;
  readonly epoch: number;
  readonly varied: readonly Varied[];
  readonly artefacts: readonly Explained[];
};

async function built(made: CorpusPackage): Promise<Report> {
  await using r = await projectRig();
  await r.write(corpusFiles(made));
  const locked = await r.exec('lock', made.name);
  if (locked.status !== 0) throw new Error(locked.stderr);
  const { status, stdout, stderr } = await r.exec('repro', made.name, '--json', ...made.flags);
  if (status !== 1) throw new Error(`exit status ${status}\n${stderr}`);
  const report = JSON.parse(stdout) as Report;
  if (process.env['TWINBUILD_RECORD']) await record(r, made, report);
  return report;
}

/** Keeps what was found for the unit tests, in test/fixtures/corpus/. */
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

const scores: Score[] = [];

for (const made of CORPUS) {
  test.serial(`every leak of ${made.name} has its cause, and nothing else has one`, async (t) => {
    const { artefacts } = await built(made);
    const deb = artefacts.find(({ name }) => name.endsWith('.deb'));
    if (deb === undefined) throw new Error('no .deb');
    t.is(deb.more, 0, 'the list of differences is whole');
    for (const leak of made.leaks) {
      const causes = causesOfFile(deb.causes, made.name, leak);
      const score = judged(leak, causes);
      scores.push(score);
      const said = JSON.stringify(
        { causes, differences: deb.differences.filter(({ trail }) => trail.some((part) => part.includes(`/${leak.file}`))) },
        null,
        1,
      );
      t.deepEqual({ missed: score.missed, wrong: score.wrong }, { missed: [], wrong: [] }, `${leak.file}: ${said}`);
      if (score.right === 0 || leak.also?.includes(causes[0]?.name ?? '')) continue;
      t.true(
        causes.some((cause) => isExpected(cause, leak)),
        `${leak.file}: ${said}`,
      );
    }
    const control = deb.causes.filter(({ trail }) => trail[1]?.startsWith('control.tar'));
    t.true(
      control.every(({ name }) => name === 'consequence'),
      JSON.stringify(control),
    );
  });
}

test.after.always('precision and recall', (t) => {
  t.log(scoreText(scores));
});
