import test from 'ava';
import type { SurroundingName } from '../../src/build/types.ts';
import type { Cause } from '../../src/cause/types.ts';
import type { ArtefactVerdict } from '../../src/deb/types.ts';
import { CORPUS, type CorpusPackage, corpusFiles } from '../helpers/corpus.ts';
import { projectRig } from '../helpers/rig.ts';
import { causesOfFile, judged, type Score, scoreText } from '../helpers/score.ts';

type Explained = ArtefactVerdict & { readonly causes: readonly Cause[] };
type Report = { readonly verdict: string; readonly artefacts: readonly Explained[] };

async function built(made: CorpusPackage): Promise<Report> {
  await using r = await projectRig();
  await r.write(corpusFiles(made));
  const locked = await r.exec('lock', made.name);
  if (locked.status !== 0) throw new Error(locked.stderr);
  const { status, stdout, stderr } = await r.exec('repro', made.name, '--json', ...made.flags);
  if (status !== 1) throw new Error(`exit status ${status}\n${stderr}`);
  return JSON.parse(stdout) as Report;
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
      const main = causes.find(({ name }) => name === leak.cause);
      if (main === undefined) continue;
      if (!leak.also?.includes(main.name)) t.is(main.surrounding, leak.surrounding as SurroundingName | null, leak.file);
      if (leak.remedy) t.regex(main.remedy, leak.remedy, leak.file);
      t.regex(main.trail.at(-1) ?? '', leak.leaf ?? new RegExp(`/${RegExp.escape(leak.file)}`), leak.file);
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
