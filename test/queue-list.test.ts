import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { parseList } from '../src/queue/list.ts';

const read = (text: string) => parseList({ name: 'a.list', text });

const LINES: readonly (readonly [string, unknown])[] = [
  ['hello', { target: 'hello', options: {} }],
  ['  hello\t# a comment', { target: 'hello', options: {} }],
  ['./my/tree time-limit=1h30m', { target: './my/tree', options: { timeLimitSeconds: 5400 } }],
  ['"a path/with \\"blanks\\"" kind=perl', { target: 'a path/with "blanks"', options: { kind: 'perl' } }],
  ['x#y', { target: 'x#y', options: {} }],
  ['sed=4.9-1+deb12u1', { target: 'sed=4.9-1+deb12u1', options: {} }],
  ['hello skip=cpus,shell skip=user vary=clock', { target: 'hello', options: { skip: ['cpus', 'shell', 'user'], vary: ['clock'] } }],
  [
    'hello profiles=nocheck,nodoc build-options=nocheck build=all container=mine',
    { target: 'hello', options: { profiles: ['nocheck', 'nodoc'], buildOptions: ['nocheck'], build: 'all', container: 'mine' } },
  ],
  ['hello "kind=C sharp"', { target: 'hello', options: { kind: 'C sharp' } }],
  ['hello\r', { target: 'hello', options: {} }],
];
for (const [text, expected] of LINES) {
  test(`a line: ${JSON.stringify(text)}`, (t) => {
    const { lines, wrong } = read(text);
    t.deepEqual(wrong, []);
    t.deepEqual(
      lines.map(({ target, options }) => ({ target, options })),
      [expected],
    );
  });
}

test('a source package has a name and a version', (t) => {
  const { lines } = read('source:sed=1:4.9-1\nsource:grep\nsed\n');
  t.deepEqual(
    lines.map(({ source }) => source),
    [{ name: 'sed', version: '1:4.9-1' }, { name: 'grep', version: undefined }, undefined],
  );
});

const WRONG: readonly (readonly [string, string, string])[] = [
  ['', 'a.list:1:1', 'list-empty'],
  ['# nothing\n\n', 'a.list:1:1', 'list-empty'],
  ['a\nb\na\n', 'a.list:3:1', 'list-duplicate'],
  ['a b', 'a.list:1:3', 'list-malformed'],
  ['a\n  "b', 'a.list:2:3', 'list-malformed'],
  ['a kind="x"', 'a.list:1:8', 'list-malformed'],
  ['a tme-limit=3s', 'a.list:1:3', 'list-option'],
  ['a time-limit=3', 'a.list:1:3', 'list-option'],
  ['a time-limit=3s time-limit=4s', 'a.list:1:17', 'list-option'],
  ['a build=source', 'a.list:1:3', 'list-option'],
  ['a vary=', 'a.list:1:3', 'list-option'],
  ['a kind=', 'a.list:1:3', 'list-option'],
  ['a kind=c profiles=nocheck,No!', 'a.list:1:10', 'list-option'],
  ['a build-options=no^check', 'a.list:1:3', 'list-option'],
  ['a build-options=nocheck,parallel=4', 'a.list:1:3', 'list-option'],
  ['a profiles=,', 'a.list:1:3', 'list-option'],
  ['source:A', 'a.list:1:1', 'list-malformed'],
  ['source:sed=', 'a.list:1:1', 'list-malformed'],
  ['source:sed=1=2', 'a.list:1:1', 'list-malformed'],
  ['\u001b[31m', 'a.list:1:1', 'list-malformed'],
  ['""', 'a.list:1:1', 'list-malformed'],
];
for (const [text, place, reason] of WRONG) {
  test(`a wrong line: ${JSON.stringify(text)}`, (t) => {
    const { wrong } = read(text);
    t.deepEqual(
      wrong.map((one) => [one.at && placeOf(one.at), one.reason, one.kind]),
      [[place, reason, 'usage']],
    );
  });
}

test('every wrong line is found, and the good ones are read', (t) => {
  const { lines, wrong } = read('good\nbad one\n"bad\nfine kind=c\nbad zeit=1 time-limit=x\n');
  t.deepEqual(
    lines.map(({ target }) => target),
    ['good', 'fine'],
  );
  t.deepEqual(
    wrong.map(({ at }) => at && placeOf(at)),
    ['a.list:2:5', 'a.list:3:1', 'a.list:5:5', 'a.list:5:12'],
  );
});

test('a mistyped option is told the right one', (t) => {
  t.regex(read('a time-limt=3s').wrong[0]?.message ?? '', /did you mean time-limit=/);
});

test('any text is read or has a located problem on each bad line, and never both twice', (t) => {
  const sign = fc.constantFrom(
    'a',
    'b',
    ' ',
    '\t',
    '\n',
    '"',
    '\\',
    '#',
    '=',
    ':',
    'kind=x',
    'source:',
    '\u0000',
    'ä',
    '\r',
    'time-limit=5s',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(sign, { maxLength: 40 }).map((parts) => parts.join('')),
        fc.string({ maxLength: 60 }),
      ),
      (text) => {
        const { lines, wrong } = read(text);
        if (lines.length === 0 && wrong.length === 0) return false;
        return (
          wrong.every(
            ({ at, kind }) => kind === 'usage' && at !== undefined && at.start >= 0 && at.start <= text.length && at.end >= at.start,
          ) && lines.every(({ target, at }) => target !== '' && at.start < at.end)
        );
      },
    ),
    { numRuns: 2000 },
  );
  t.pass();
});

test('what is quoted comes back as it was', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,30}$/), (word) => {
      const quoted = `"${word.replaceAll(/["\\]/g, '\\$&')}"`;
      const { lines, wrong } = read(`${quoted} kind=x`);
      return word.startsWith('source:') || (wrong.length === 0 && lines[0]?.target === word);
    }),
  );
  t.pass();
});
