import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { causesPage } from '../scripts/causes-page.ts';
import { causesOf } from '../src/cause/causes.ts';
import { DETECTORS, MASKS } from '../src/cause/detectors.ts';
import type { CauseContext } from '../src/cause/types.ts';
import { LOTS } from './helpers/blind.ts';
import { CORPUS } from './helpers/corpus.ts';
import { attribute, changed, content, deb, explained, text, VARIED, verdictOn } from './helpers/differences.ts';
import { recordedOf, saidOf } from './helpers/recorded.ts';
import { PROJECT } from './helpers/rig.ts';
import { isExpected, scoreText } from './helpers/score.ts';

const BLIND = LOTS.flatMap(({ packages }) => packages);

for (const { made, leak, causes, score } of saidOf([...CORPUS, ...BLIND])) {
  test(`recorded: ${made} ${leak.file} is ${leak.beyond ?? leak.cause ?? 'not explained'}`, (t) => {
    const missed = leak.beyond === undefined ? [] : [leak.cause];
    t.deepEqual<unknown, unknown>({ missed: score.missed, wrong: score.wrong }, { missed, wrong: [] }, JSON.stringify(causes, null, 1));
    if (leak.cause === null || leak.beyond !== undefined || leak.also?.includes(causes[0]?.name ?? '')) return;
    t.true(
      causes.some((cause) => isExpected(cause, leak)),
      JSON.stringify(causes, null, 1),
    );
  });
}

test('precision and recall over the corpus', (t) => {
  const scores = saidOf(CORPUS).map(({ score }) => score);
  t.log(scoreText(scores));
  t.true(scores.every(({ wrong, missed }) => wrong.length === 0 && missed.length === 0));
});

for (const { name, packages, atFirst } of LOTS) {
  test(`precision and recall over the ${name} of packages that were not seen before`, (t) => {
    const scores = saidOf(packages).map(({ score }) => score);
    t.log(`at first: ${atFirst}`);
    t.log(`now: ${scoreText(scores)}`);
    t.true(scores.every(({ wrong }) => wrong.length === 0));
  });
}

test('checksums and sizes of the corpus are consequences', (t) => {
  const { context, artefacts } = recordedOf('corpus-around');
  const said = artefacts.flatMap((artefact) => causesOf(artefact, context));
  const names = (part: string): readonly string[] => said.filter(({ trail }) => trail.at(-1) === part).map(({ name }) => name);
  t.deepEqual(names('./md5sums'), ['consequence']);
  t.deepEqual(names('./control'), ['consequence']);
  t.true(said.filter(({ trail }) => trail[0]?.endsWith('.buildinfo')).every(({ name }) => name === 'consequence'));
});

test('nothing is said of outputs that are equal or do not count', (t) => {
  const row = verdictOn([text('-twin-a', '+twin-b-with-a-longer-name')]);
  t.deepEqual(causesOf({ ...row, verdict: 'not-counted' }, VARIED), []);
});

test('what was not varied is not the reason', (t) => {
  const still: CauseContext = { ...VARIED, second: VARIED.first, varied: [] };
  const differences = [
    attribute(deb('./a'), 'mode', '0644', '0664'),
    text('-twin-a', '+twin-b-with-a-longer-name'),
    text('-A', '-b', '+b', '+A'),
  ];
  t.deepEqual(
    causesOf(verdictOn(differences), still)
      .map(({ surrounding }) => surrounding)
      .filter((name) => name !== null),
    [],
  );
});

test('without knowledge of the builds nothing is called certain that rests on it', (t) => {
  const unknown: CauseContext = { first: undefined, second: undefined, varied: [], epoch: undefined, builtAtSeconds: undefined };
  const dates = causesOf(verdictOn([text('-Nov 23 2026 11:18:09', '+Nov 24 2026 09:00:00')]), unknown);
  t.deepEqual(
    dates.map(({ name, confidence }) => [name, confidence]),
    [['timestamp', 'possible']],
  );
  const paths = causesOf(verdictOn([text('-/home/a/x-1.0/src/x.c', '+/build/x-1.0/src/x.c')]), unknown);
  t.deepEqual(
    paths.map(({ name }) => name),
    ['folder-of-build'],
  );
});

test('a lone size is no consequence of anything', (t) => {
  t.deepEqual(explained(attribute(deb('./a'), 'size', '1', '2')), []);
});

const line = fc.string({
  unit: fc.constantFrom('-', '+', ' ', 'a', '1', '9', ':', '/', '.', 'n', 'o', 'v', ' 2026', '0x', '\n', '\ufffd', 'é'),
  maxLength: 80,
});

test('whatever differs, there are at most three causes for it, each once, and each in the documentation', (t) => {
  const known = new Set([...DETECTORS, ...MASKS].map(({ name }) => name).concat('consequence'));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (lines, a, b) => {
      for (const difference of [text(...lines), content(deb('./x'), a, b), changed(lines[0] ?? '', lines[1] ?? '')]) {
        const names = explained(difference).map(({ name }) => name);
        if (names.length > 3 || new Set(names).size !== names.length || !names.every((name) => known.has(name))) return false;
      }
      return true;
    }),
  );
  t.pass();
});

test('text that was made to be slow is not', (t) => {
  const long = [
    `-${'1 '.repeat(50_000)}`,
    `+${'1 '.repeat(49_999)}2`,
    `-${'nov '.repeat(30_000)}`,
    `+${'nov 1 '.repeat(30_000)}`,
    `-${'/a'.repeat(90_000)}`,
    `+${'ab12'.repeat(90_000)}`,
  ];
  const began = performance.now();
  explained(text(...long, ...long.toReversed()));
  t.true(performance.now() - began < 3000);
});

test('docs/causes.md is what the detectors say', async (t) => {
  t.is(await readFile(join(PROJECT, 'docs/causes.md'), 'utf8'), causesPage());
});

test('every detector has a name of its own, a remedy and a sentence on its evidence', (t) => {
  const all = [...DETECTORS, ...MASKS];
  t.is(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, remedy, evidence, link } of all) {
    t.regex(remedy, /\.$/, name);
    t.regex(evidence, /\.$/, name);
    t.regex(link ?? 'https://', /^https:\/\//, name);
  }
});
