import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { gatePage } from '../scripts/gate-page.ts';
import { sha256 } from '../src/base/digest.ts';
import { judgedBy, PROFILES, predict, profileOf } from '../src/build/profiles.ts';
import { SURROUNDING_NAMES } from '../src/build/types.ts';
import { htmlText } from '../src/report/html.ts';
import { junitText } from '../src/report/junit.ts';
import { markdownText } from '../src/report/markdown.ts';
import { PLAIN } from '../src/report/paint.ts';
import { reportText } from '../src/report/terminal.ts';
import { differentOutput, equalOutput, LINE, report } from './helpers/reports.ts';
import { PROJECT } from './helpers/rig.ts';

const gate = PROFILES[0];
if (!gate) throw new Error('there is no profile');
const equal = (name: string) => equalOutput(name);
const different = (name: string) => differentOutput(name, [[name, LINE]]);

const ROWS: readonly (readonly [
  string,
  Parameters<typeof judgedBy>[1]['artefacts'],
  'reproducible' | 'different',
  'passes' | 'fails' | 'unknown',
])[] = [
  ['equal packages pass', [equal('a_1_all.deb')], 'reproducible', 'passes'],
  ['a package that differs fails', [equal('a_1_all.deb'), different('b_1_amd64.deb')], 'different', 'fails'],
  ['debug symbols do not count', [equal('a_1_amd64.deb'), different('a-dbgsym_1_amd64.deb')], 'reproducible', 'passes'],
  ['a package that only speaks of debug symbols counts', [different('libdbgsym-dev_1_all.deb')], 'different', 'fails'],
  [
    '.udebs, .buildinfo and other files do not count',
    [equal('a_1_all.deb'), different('a_1.udeb'), different('a_1_amd64.buildinfo'), different('x.tar.gz')],
    'reproducible',
    'passes',
  ],
  ['without a package there is nothing to say', [different('x.tar.gz')], 'reproducible', 'unknown'],
];
for (const [what, artefacts, verdict, outcome] of ROWS) {
  test(`Debian's gate: ${what}`, (t) => {
    const judged = judgedBy(gate, { verdict: 'different', artefacts });
    t.is(judged.verdict, verdict);
    t.is(predict(gate, judged, []).outcome, outcome);
  });
}

test('what does not count is told as such, with where it differs', (t) => {
  const { artefacts } = judgedBy(gate, { verdict: 'different', artefacts: [equal('a_1_all.deb'), different('a_1_amd64.buildinfo')] });
  t.is(artefacts[1]?.differences.length, 1);
  t.regex(
    reportText(report({ artefacts: artefacts.map((one) => ({ ...one, causes: [] })) }), PLAIN),
    /buildinfo {2}differs, and does not count here/,
  );
});

test('a surrounding that was not varied is what the prediction leaves out first', (t) => {
  const { leavesOut } = predict(gate, { verdict: 'reproducible', artefacts: [equal('a_1_all.deb')] }, [{ name: 'clock', why: 'skipped' }]);
  t.deepEqual(leavesOut[0], { what: 'clock', why: 'not varied: skipped' });
});

test('every form of the report says what is predicted and what is left out', (t) => {
  const artefacts = [different('a_1_all.deb')];
  const prediction = predict(gate, judgedBy(gate, { verdict: 'different', artefacts }), [{ name: 'clock', why: 'skipped' }]);
  const whole = report({ artefacts: artefacts.map((one) => ({ ...one, causes: [] })), prediction });
  for (const text of [reportText(whole, PLAIN), htmlText(whole, { scripts: undefined }), junitText(whole), markdownText(whole)]) {
    t.regex(text, /would be held back/);
    t.regex(text, /hardware/);
    t.regex(text, /clock/);
  }
  t.is(junitText(whole).match(/type="prediction"/g)?.length, 1);
});

test('a report with a prediction fits its schema', async (t) => {
  const artefacts = [equal('a_1_all.deb')];
  const prediction = predict(gate, { verdict: 'reproducible', artefacts }, []);
  const whole = report({
    artefacts: artefacts.map((one) => ({ ...one, causes: [] })),
    recipe: { name: 'a', digest: sha256('a'), build: 'any', environment: { DEB_BUILD_OPTIONS: 'nocheck' } },
    prediction,
  });
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(await readFile(join(PROJECT, 'schema/report.schema.json'), 'utf8')));
  t.true(validate(JSON.parse(JSON.stringify(whole))), JSON.stringify(validate.errors));
});

test('a profile varies what there is', (t) => {
  for (const { varies } of PROFILES) t.true(varies.every((name) => SURROUNDING_NAMES.includes(name)));
});

test('an unknown profile is a failure that says which was meant', (t) => {
  const found = profileOf('debian-gates');
  t.false(found.ok);
  if (!found.ok) t.regex(found.error.message, /did you mean debian-gate\?/);
});

test('docs/gate.md says what the profiles are', async (t) => {
  t.is(await readFile(join(PROJECT, 'docs/gate.md'), 'utf8'), gatePage());
});
