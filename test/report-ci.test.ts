import test from 'ava';
import fc from 'fast-check';
import { annotationLine, differenceAnnotations, listAnnotations } from '../src/report/github.ts';
import { junitText } from '../src/report/junit.ts';
import { markdownCode, markdownPlain, markdownText } from '../src/report/markdown.ts';
import type { Report } from '../src/report/report.ts';
import { attempt, item, manyReport } from './helpers/many.ts';
import { differentOutput, equalOutput, HOSTILE, LINE, report } from './helpers/reports.ts';

/** A report in which everything that comes from outside is this text. */
function hostile(name: string): Report {
  const output = differentOutput(name, [
    [name, LINE],
    [name, { kind: 'field', field: name, first: name, second: undefined }],
  ]);
  const cause = {
    name: 'timestamp',
    confidence: 'likely',
    trail: output.differences[0]?.trail ?? [],
    evidence: name,
    surrounding: 'hostname',
    remedy: name,
    link: null,
  } as const;
  return report({
    artefacts: [{ ...output, causes: [cause] }],
    varied: [{ name: 'hostname', first: name, second: name }],
    notVaried: [{ name: 'clock', why: name }],
  });
}

// XML 1.0, production Char, and a small reader of elements: every tag closes the one that was opened last.
const NOT_CHAR = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
function wellFormed(text: string): boolean {
  if (NOT_CHAR.test(text)) return false;
  const open: string[] = [];
  const rest = text
    .replace(/^<\?xml[^>]*\?>/, '')
    .replaceAll(/<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g, (_tag, close: string, name: string, _given, empty: string) => {
      if (close !== '') return open.pop() === name ? '' : '<';
      if (empty === '') open.push(name);
      return '';
    });
  return open.length === 0 && !/[<>]/.test(rest) && !/&(?!(amp|lt|gt|quot|apos);)/.test(text);
}

for (const name of HOSTILE) {
  test(`the JUnit file is XML whatever a file is called: ${JSON.stringify(name)}`, (t) => {
    t.true(wellFormed(junitText(hostile(name))));
  });
}

test('the JUnit file is XML whatever a file is called', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => wellFormed(junitText(hostile(name)))),
    { numRuns: 200 },
  );
  t.pass();
});

test('a case for each output and each surrounding', (t) => {
  const cause = {
    name: 'hostname',
    confidence: 'certain',
    trail: ['b.deb', 'data.tar.xz', './x'],
    evidence: 'Both have their name',
    surrounding: 'hostname',
    remedy: 'Leave it out.',
    link: null,
  } as const;
  const text = junitText(report({ artefacts: [equalOutput('a.deb'), { ...differentOutput('b.deb', [['./x', LINE]]), causes: [cause] }] }));
  t.regex(text, /<testsuites name="twinbuild hello" tests="5" failures="2" errors="0" skipped="2"/);
  t.regex(text, /<testcase classname="hello.outputs" name="a.deb" time="0"\/>/);
  t.regex(
    text,
    /name="b.deb" time="0"><failure message="b.deb of hello is not the same in both builds" type="different">first {3}[0-9a-f]{64}\nsecond {2}[0-9a-f]{64}\ndata.tar.xz › .\/x: .*\n {2}hostname \(certain\): Both have their name. Leave it out.<\/failure>/,
  );
  t.regex(
    text,
    /name="hostname" time="0"><failure message="hostname matters: twin-a in the first build, twin-b in the second" type="surrounding">b.deb: hostname, certain</,
  );
  t.regex(text, /name="timezone" time="0"><skipped message="changed, and not known whether it matters"/);
  t.regex(text, /name="clock" time="0"><skipped message="not changed: on request"/);
});

test('surroundings pass where no output minds them', (t) => {
  t.regex(junitText(report()), /tests="4" failures="0" errors="0" skipped="1"/);
});

test('a run without a verdict is an error of its own', (t) => {
  const failure = {
    kind: 'timeout',
    reason: 'step-timeout',
    message: 'The step build ran past 60 s',
    details: ['last line'],
    next: 'Give it more.',
  };
  const text = junitText(report({ verdict: 'timeout', artefacts: [], failure }));
  t.regex(
    text,
    /<error message="There is no verdict on hello: The step build ran past 60 s." type="step-timeout">.*\nlast line\nNext: Give it more.<\/error>/,
  );
});

test('a table of outputs in Markdown', (t) => {
  const text = markdownText(report({ artefacts: [equalOutput('a.deb'), differentOutput('b.deb', [['./x', LINE]])] }));
  t.true(
    text.startsWith(
      '## ❌ hello: different\n\n1 of 2 outputs of hello is not the same in both builds.\n\n| artefact | sha256 | verdict |\n| --- | --- | --- |\n',
    ),
  );
  t.regex(
    text,
    /\| `a\.deb` \| `[0-9a-f]{64}` \| equal \|\n\| `b\.deb` \| `[0-9a-f]{64}` \| \*\*different\*\* \(first\) \|\n\| `b\.deb` \| `[0-9a-f]{64}` \| \*\*different\*\* \(second\) \|\n/,
  );
});

const code = test.macro((t, text: string, expected: string) => t.is(markdownCode(text), expected));
test('a name is a code span', code, 'a_1.deb', '`a_1.deb`');
test('a fence is longer than what is inside', code, 'a``b', '```a``b```');
test('a span does not begin with a backquote of its own', code, '`a', '`` `a ``');
test('a pipe does not end a cell', code, 'a|b', '`a\\|b`');
test('a line feed does not end a row', code, 'a\nb', '`a\\x0ab`');
test('nothing is a code span too', code, '', '`  `');

test('text from outside is no markup', (t) => {
  t.is(markdownPlain('[x](y) @me <b> #1'), '\\[x\\](y) \\@me \\<b\\> \\#1');
});

test('a line that follows from others is counted, not told', (t) => {
  const output = differentOutput('b.deb', [
    ['./x', LINE],
    ['./md5sums', LINE],
  ]);
  const cause = {
    name: 'consequence',
    confidence: 'certain',
    trail: ['b.deb', 'data.tar.xz', './md5sums'],
    evidence: 'e',
    surrounding: null,
    remedy: 'r',
    link: null,
  } as const;
  const text = markdownText(report({ artefacts: [{ ...output, causes: [cause, cause] }] }));
  t.true(
    text.includes(
      '- data.tar.xz › ./x: the text differs: “built on twin-a” in the first build, “built on twin-b” in the second\n- and 1 that follows from other differences\n',
    ),
  );
});

const plain = test.macro((t, text: string, expected: string) => t.is(markdownPlain(text), expected));
test('an address is no link', plain, 'http://a www.b', 'http:\\//a www\\.b');
test('a dash does not make a list', plain, '- a', '\\- a');
test('a number does not make a list', plain, '12. a', '12\\. a');

test('rows stay rows whatever a file is called', (t) => {
  const rows = (name: string) => markdownText(hostile(name)).split('\n').length;
  for (const name of HOSTILE) t.is(rows(name), rows('plain'), name);
});

const AT = { file: 'recipes/a/recipe.yaml', line: 3 };

test('an annotation as GitHub reads it', (t) => {
  t.is(
    annotationLine({ level: 'error', file: 'a,b:c.yaml', line: 3, column: 5, title: '100%: yes, no', message: 'one\n50% two' }),
    '::error file=a%2Cb%3Ac.yaml,line=3,col=5,title=100%25%3A yes%2C no::one%0A50%25 two\n',
  );
});

test('a remark for each output that differs, at the recipe', (t) => {
  const [only, ...others] = differenceAnnotations(
    report({ artefacts: [equalOutput('a.deb'), differentOutput('b.deb', [['./x', LINE]])] }),
    AT,
  );
  t.deepEqual(others, []);
  t.like(only, { level: 'error', ...AT, title: 'hello is not reproducible' });
  t.regex(only?.message ?? '', /^b.deb is not the same in both builds\ndata.tar.xz › .\/x: /);
});

test('no name makes a command', (t) => {
  const line = (name: string) => differenceAnnotations(hostile(name), { file: name, line: 1 }).map(annotationLine).join('');
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' })), (name) => {
      const text = line(name);
      return text.endsWith('\n') && !/[\r\n]/.test(text.slice(0, -1)) && /^::error file=[^,:]*,line=1,title=[^,:]*::/.test(text);
    }),
  );
  t.pass();
});

test('a remark for each package of a list without a good verdict, on its line; none where the list is no file', (t) => {
  const report = manyReport();
  const at = (name: string) => ({ file: 'lists/nightly.list', line: 1 + report.results.findIndex((one) => one.name === name), column: 1 });
  const remarks = listAnnotations(report, at);
  t.deepEqual(
    remarks.map(({ line, title }) => `${line} ${title}`),
    report.results.flatMap(({ name, status }, index) =>
      status === null || status === 'reproducible' ? [] : [`${index + 1} ${name}: ${status.replace('-', ' ')}`],
    ),
  );
  t.true(remarks.length >= 4);
  t.true(remarks.every((one) => one.message !== '' && one.level === 'error'));
  t.deepEqual(
    listAnnotations(report, () => undefined),
    [],
  );
  const flood = Array.from({ length: 25 }, (_, index) => item(`p${index}`, 'different', [attempt(`p${index}`, 'different')]));
  const some = listAnnotations(manyReport(flood), () => ({ file: 'a', line: 1, column: 1 }));
  t.is(some.length, 10);
  t.regex(some.at(-1)?.message ?? '', /and 15 more packages$/);
});

test('ten remarks at the most', (t) => {
  const many = Array.from({ length: 25 }, (_, index) => differentOutput(`${index}.deb`, []));
  const remarks = differenceAnnotations(report({ artefacts: many }), AT);
  t.is(remarks.length, 10);
  t.regex(remarks.at(-1)?.message ?? '', /and 15 more outputs$/);
});
