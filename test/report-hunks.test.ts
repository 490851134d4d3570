import test from 'ava';
import fc from 'fast-check';
import { hunkLines } from '../src/report/hunk-lines.ts';
import { PLAIN } from '../src/report/paint.ts';

const shows = test.macro((t, lines: readonly string[], most: number, expected: readonly string[]) => {
  t.deepEqual(hunkLines([{ first: 1, second: 1, lines }], 0, most, PLAIN), expected);
});

test('a short hunk', shows, [' a', '-b', '+c'], 12, ['@@ line 1 @@', ' a', '-b', '+c']);
test('a long hunk shows something of both sides', shows, ['-1', '-2', '-3', '-4', '+5', '+6', '+7'], 6, [
  '@@ line 1 @@',
  '-1',
  '-2',
  '+5',
  '+6',
  '… 3 more lines',
]);
test('a long hunk of one side', shows, ['+1', '+2', '+3', '+4', '+5'], 4, ['@@ line 1 @@', '+1', '+2', '… 3 more lines']);
test('control signs are escaped, tabs stay', shows, ['-\tx\x1b[2J', '+\\'], 12, ['@@ line 1 @@', '-\tx\\x1b[2J', '+\\\\']);

test('there are never more lines than asked for, but for one that says so', (t) => {
  const line = fc.tuple(fc.constantFrom(' ', '-', '+'), fc.string({ maxLength: 5 })).map((parts) => parts.join(''));
  const hunk = fc.record({ first: fc.nat(), second: fc.nat(), lines: fc.array(line, { minLength: 1, maxLength: 30 }) });
  fc.assert(
    fc.property(fc.array(hunk, { maxLength: 8 }), fc.integer({ min: 3, max: 20 }), (hunks, most) => {
      t.true(hunkLines(hunks, 1, most, PLAIN).length <= most + 2);
    }),
  );
});
