import test from 'ava';
import type { CorpusPackage } from './corpus.ts';
import { builtCorpus } from './corpus-build.ts';
import { causesOfFile, isExpected, judged, type Score, scoreText } from './score.ts';

/** Builds each package twice and holds what is said of every leak against the table; prints precision and recall at the end. */
export function corpusTable(packages: readonly CorpusPackage[]): void {
  const scores: Score[] = [];

  for (const made of packages) {
    test.serial(`every leak of ${made.name} has its cause, and nothing else has one`, async (t) => {
      const { artefacts } = await builtCorpus(made);
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
        t.deepEqual(
          { missed: score.missed, wrong: score.wrong },
          { missed: leak.beyond === undefined ? [] : [leak.cause], wrong: [] },
          `${leak.file}: ${said}`,
        );
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
}
