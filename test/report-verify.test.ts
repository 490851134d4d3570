import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { htmlText } from '../src/report/html.ts';
import { junitText } from '../src/report/junit.ts';
import { markdownText } from '../src/report/markdown.ts';
import { PLAIN } from '../src/report/paint.ts';
import type { Report } from '../src/report/report.ts';
import { reportText } from '../src/report/terminal.ts';
import type { Verification } from '../src/report/verify.ts';
import { archiveTable } from '../src/report/verify-table.ts';
import { differentOutput, equalOutput, HOSTILE, LINE, report } from './helpers/reports.ts';

const VERIFY: Verification = {
  of: 'hello_2.10-3_amd64.buildinfo',
  outcome: 'reproduces',
  indicative: false,
  reasons: [],
  signature: 'none',
  signedBy: [],
  source: 'hello 2.10-3, from the signed archive',
  buildPath: '/build/hello-2.10',
  recorded: 161,
  named: ['161 named by debian bookworm of 2026-01-01T00:00:00Z'],
  nearest: [],
  added: [],
  twice: null,
  notes: [],
};
const verified = (over: Partial<Verification> = {}, given: Partial<Report> = {}): Report =>
  report({ varied: [], notVaried: [], ...given, verify: { ...VERIFY, ...over } });
const forms = (one: Report) => [reportText(one, PLAIN), htmlText(one, { scripts: undefined }), junitText(one), markdownText(one)];

const says = test.macro((t, one: Report, words: RegExp) => {
  for (const [index, form] of forms(one).entries()) t.regex(form, words, `form ${index}`);
});
test('it came out as published', says, verified(), /[Tt]he one package.{0,20} of hello came out as published/);
test('nobody vouches for it', says, verified(), /not signed: nobody vouches for it/);
test('a signature that was not looked at', says, verified({ signature: 'unchecked' }), /not checked/);
test('a signature that was', says, verified({ signature: 'verified', signedBy: ['ABCD'] }), /signed by ABCD/);
test('what was added', says, verified({ added: [{ name: 'fakeroot', version: '1', why: 'to be root' }] }), /fakeroot 1: to be root/);
const NEAREST = { indicative: true, nearest: [{ name: 'grep', recorded: '3.8-99', used: '3.8-5' }] };
test('nearest versions are named', says, verified(NEAREST), /grep 3\.8.{0,3}-5 instead of 3\.8.{0,3}-99/);
test('and make the verdict indicative', says, verified(NEAREST), /only indicative/);
test(
  'also when it differs',
  says,
  verified({ ...NEAREST, outcome: 'different' }, { artefacts: [differentOutput('a.deb', [['./x', LINE]])] }),
  /only indicative/,
);
test(
  'why it differs',
  says,
  verified({ outcome: 'toolchain', reasons: ['gcc 12 as published, 13 here'] }, { artefacts: [differentOutput('a.deb', [['./x', LINE]])] }),
  /gcc 12 as published, 13 here/,
);

test('what was not built with the recorded versions is never a green row', (t) => {
  t.regex(junitText(verified(NEAREST)), /<testsuite name="hello.outputs" tests="2" failures="0" errors="0" skipped="1"/);
  t.regex(junitText(verified()), /skipped="0"/);
});

test('the schema knows it', async (t) => {
  const valid = new Ajv2020({ allowUnionTypes: true }).compile(JSON.parse(await readFile('schema/report.schema.json', 'utf8')));
  t.true(valid(JSON.parse(JSON.stringify(verified(NEAREST)))), JSON.stringify(valid.errors));
});

test('text from outside does no harm', (t) => {
  for (const text of HOSTILE) {
    const one = verified({
      of: text,
      notes: [text],
      reasons: [text],
      nearest: [{ name: text, recorded: text, used: text }],
      added: [{ name: text, version: text, why: text }],
    });
    const [terminal = '', html = '', junit = ''] = forms(one);
    for (const sign of ['\u001b', '\u202e', '\ud800']) t.false((terminal + html + junit).includes(sign), text);
    t.false(/<script>document|<img src/.test(html), text);
  }
});

test('a table of several', (t) => {
  const rows = [
    {
      name: 'a',
      report: verified({ outcome: 'reproduces' }, { artefacts: [equalOutput('a.deb'), equalOutput('b.deb')] }),
      failure: undefined,
    },
    {
      name: 'bb',
      report: verified({ outcome: 'toolchain', reasons: ['gcc 1 as published, 2 here'] }, { artefacts: [differentOutput('b.deb', [])] }),
      failure: undefined,
    },
    {
      name: 'c',
      report: undefined,
      failure: { kind: 'infrastructure', reason: 'file-gone', message: 'c.dsc: no longer where it was' } as const,
    },
  ];
  t.is(
    archiveTable(rows, PLAIN),
    `
a   reproduces, 2 packages
bb  differs, the toolchain changed, 1 of 1: gcc 1 as published, 2 here
c   cannot be known: c.dsc: no longer where it was
1 of 3 reproduce
`,
  );
});
