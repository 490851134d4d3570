import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { manyHtml } from '../src/report/many-html.ts';
import { manyJunit } from '../src/report/many-junit.ts';
import { manyMarkdown } from '../src/report/many-markdown.ts';
import { historyText, manyText } from '../src/report/many-terminal.ts';
import { PLAIN } from '../src/report/paint.ts';
import { attempt, item, manyReport } from './helpers/many.ts';
import { HOSTILE } from './helpers/reports.ts';

test('the table on a wide terminal has a line for each package', (t) => {
  t.is(
    manyText(manyReport(), PLAIN, 140),
    `= same          1.2-3  reproducible    1 min 5 s
≠ other         1.2-3  different       1 min 5 s  2 outputs: timestamp, hostname
~ now-and-then  1.2-3  flaky           1 min 5 s  not the same verdict every time, for the same inputs
! broken               build failed    1 min 5 s  The step "build" of the first build failed with status 2.
! gone          1.2-3  infrastructure  1 min 5 s  gone_1.dsc: no longer where it was
! never-there          source missing  1 min 5 s  The archive lists x.dsc of x 1 and does not have it (HTTP 404)
· later                waiting                    
7 packages: 1 reproducible, 1 different, 1 flaky, 1 build failed, 1 source missing, 1 infrastructure, 1 waiting (1 h 2 min)
`.replace('waiting                    \n', 'waiting                  \n'),
  );
});

test('where nothing explains a difference, the table shows a place in a package and not the .buildinfo that follows from it', (t) => {
  const different = [
    { name: 'a_1_amd64.buildinfo', verdict: 'different' as const, places: ['3 that follow from other differences'], causes: [] },
    { name: 'b_1_all.deb', verdict: 'different' as const, places: ['data.tar › ./b: the text differs'], causes: [] },
  ];
  const report = manyReport([item('b', 'different', [attempt('b', 'different', { different })])]);
  t.regex(manyText(report, PLAIN, 140), /2 outputs: data\.tar › \.\/b: the text differs\n/);
});

for (const width of [30, 40, 60, 80, 100]) {
  test(`no line of the table is wider than a terminal of ${width} columns`, (t) => {
    const lines = manyText(manyReport(), PLAIN, width).split('\n').slice(0, -2);
    t.true(lines.length >= 6);
    for (const line of lines) t.true(line.length <= width, `${line.length}: ${line}`);
    for (const name of ['same', 'other', 'broken', 'gone', 'later'])
      t.true(
        lines.some((line) => line.includes(name)),
        name,
      );
  });
}

test('of a very long list only what is not reproducible is shown, and the rest counted', (t) => {
  const items = Array.from({ length: 500 }, (_, at) =>
    item(`p${at}`, at === 77 ? 'different' : 'reproducible', [attempt(`p${at}`, at === 77 ? 'different' : 'reproducible')]),
  );
  const lines = manyText(manyReport(items), PLAIN, 100).trimEnd().split('\n');
  t.is(lines.length, 3);
  t.regex(lines[0] ?? '', /^≠ p77 /);
  t.regex(lines[1] ?? '', /499/);
});

test('why a run stopped stands below the table', (t) => {
  const stopped = { reason: 'disk-full', message: 'The disk of /x is full', next: null };
  t.regex(manyText({ ...manyReport(), stopped }, PLAIN, 100), /\nstopped: The disk of \/x is full\n$/);
});

test('index.json is of its schema', async (t) => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(await readFile('schema/many.schema.json', 'utf8')),
  );
  t.true(validate(JSON.parse(JSON.stringify(manyReport()))), JSON.stringify(validate.errors));
  t.false(validate({ ...manyReport(), counts: { wonderful: 1 } }));
});

test('JUnit XML has a case for each package, and counts them', (t) => {
  const text = manyJunit(manyReport());
  t.regex(text, /<testsuite name="nightly" tests="7" failures="2" errors="3" skipped="1" time="390.000" timestamp="2026-01-02T03:00:00">/);
  t.regex(text, /<testcase classname="nightly" name="same" time="65.000"\/>/);
  t.regex(text, /name="other"[^>]*><failure message="other: different: 2 outputs: timestamp, hostname" type="different">/);
  t.regex(text, /name="gone"[^>]*><error [^>]*type="file-gone">/);
});

test('the summary names what is not reproducible', (t) => {
  const text = manyMarkdown(manyReport());
  t.true(text.includes('| `other` | `1.2-3` | **different** | 2 outputs: timestamp, hostname |'), text);
  t.false(text.includes('`same`'));
  t.regex(manyMarkdown(manyReport([item('a', 'reproducible', [attempt('a', 'reproducible')])])), /^## ✅ nightly: 1 reproducible/);
});

test('the page links every report that there is, and is whole without a script', (t) => {
  const text = manyHtml(manyReport());
  for (const name of ['same', 'other', 'broken']) t.true(text.includes(`<a href="${name}/report.html">${name}</a>`), name);
  t.true(text.includes('<tr class="s-waiting"'));
  t.notRegex(text, /<(script|style|link|img)[^>]+(src|href)=/);
});

for (const name of HOSTILE) {
  test(`whatever a package is called, the page has the same elements and the XML no other: ${JSON.stringify(name)}`, (t) => {
    const of = (one: string) =>
      manyReport([
        item(
          one,
          'different',
          [
            attempt(one, 'different', {
              version: one,
              message: one,
              different: [{ name: one, verdict: 'different', places: [one], causes: ['timestamp'] }],
            }),
          ],
          one,
        ),
      ]);
    const tags = (text: string) =>
      text
        .replaceAll(/<i class="sign">[^<]*<\/i>/g, '')
        .replaceAll(/"[^"<>]*"/g, '""')
        .match(/<[^>]*>/g)
        ?.join('')
        .replaceAll('<a href=""></a>', ''); // a name that is not UTF-8 has no address
    t.is(tags(manyHtml(of(name))), tags(manyHtml(of(name === '' ? '' : 'plain'))));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    t.notRegex(manyText(of(name), PLAIN, 100), /[\u0000-\u0009\u000b-\u001f\u202e]/);
    t.is(manyJunit(of(name)).match(/<testcase /g)?.length, 1);
    t.is(
      manyMarkdown(of(name))
        .split('\n')
        .filter((line) => line.startsWith('| ')).length,
      3,
    );
  });
}

test('the history has a line for each attempt', (t) => {
  const text = historyText(
    [attempt('same', 'reproducible'), attempt('x', 'build-failed', { message: 'no', version: null, inputs: null })],
    PLAIN,
    160,
  );
  t.regex(text, /^2026-01-02 03:04 {2}same {2}1\.2-3 {2}reproducible +1 min 5 s {2}inputs aaaaaaaaaaaa {2}outputs bbbbbbbbbbbb\n/);
  t.regex(text, /\n2026-01-02 03:04 {2}x .* build failed .* no\n$/);
});
