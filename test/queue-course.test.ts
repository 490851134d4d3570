import test from 'ava';
import fc from 'fast-check';
import type { Failure, FailureKind } from '../src/base/result.ts';
import { backOffMs, type Course, courseAfter, exitStatusOf, type Seen, statusOf, statusOver } from '../src/queue/course.ts';
import { STATUSES } from '../src/queue/types.ts';

const failure = (kind: FailureKind, reason = 'some'): Failure => ({ kind, reason, message: 'it failed' });
const RETRIES = { infrastructure: 2, builds: 1 };

const COURSES: readonly (readonly [string, Failure | undefined, number, Course['kind']])[] = [
  ['a verdict is final', undefined, 0, 'finish'],
  ['the network fails once: again', failure('infrastructure', 'unreachable'), 0, 'again'],
  ['and once more', failure('infrastructure', 'unreachable'), 1, 'again'],
  ['but not for ever', failure('infrastructure', 'unreachable'), 2, 'finish'],
  ['a file that is gone does not come back', failure('infrastructure', 'file-gone'), 0, 'finish'],
  ['nor do files of a source that the archive never had', failure('infrastructure', 'source-files-missing'), 0, 'finish'],
  ['the engine may come back', failure('infrastructure', 'engine-lost'), 0, 'again'],
  ['when it does not, nothing can be built', failure('infrastructure', 'engine-lost'), 2, 'stop'],
  ['a full disk stops the queue', failure('infrastructure', 'disk-full'), 0, 'stop'],
  ["and so does the engine's", failure('infrastructure', 'engine-disk-full'), 0, 'stop'],
  ['so does what is wrong before a build', failure('preflight', 'no-engine'), 0, 'stop'],
  ['a failed build is tried as often as was asked', failure('build-failed'), 0, 'again'],
  ['and no more', failure('build-failed'), 1, 'finish'],
  ['a build that took too long likewise', failure('timeout'), 1, 'finish'],
  ['a wrong recipe is final', failure('usage'), 0, 'finish'],
  ['an input that is not what it should be is final', failure('unverified-input'), 0, 'finish'],
  ['a permission that was not granted is final', failure('permission'), 0, 'finish'],
  ['Ctrl-C says nothing of a package', failure('interrupted'), 0, 'leave'],
  ['nor does SIGTERM', failure('terminated'), 0, 'leave'],
];
for (const [title, ended, before, course] of COURSES) {
  test(title, (t) => {
    t.is(courseAfter(ended, before, RETRIES, 0.5).kind, course);
  });
}

test('a source without its files has a status of its own, which is no verdict', (t) => {
  t.is(statusOf(failure('infrastructure', 'source-files-missing')), 'source-missing');
  t.is(exitStatusOf(['source-missing', 'different', 'reproducible']), 7);
  t.is(statusOver({ status: 'source-missing', outputs: null }, [{ status: 'different', outputs: null }]), 'source-missing');
});

test('a build that failed is not tried again unless that was asked for', (t) => {
  t.is(courseAfter(failure('build-failed'), 0, { infrastructure: 3, builds: 0 }, 0).kind, 'finish');
});

test('the pause grows, is never twice the same, and has an end', (t) => {
  t.deepEqual(
    [0, 1, 2, 3, 9].map((before) => backOffMs(before, 1)),
    [5000, 20_000, 80_000, 300_000, 300_000],
  );
  t.is(backOffMs(0, 0), 2500);
});

const status = fc.constantFrom(...STATUSES);
const seen = fc.record({ status, outputs: fc.constantFrom(null, 'a', 'b') });
const one = (verdict: Seen['status'], outputs: string | null = null): Seen => ({ status: verdict, outputs });

const OVER: readonly (readonly [string, Seen, readonly Seen[], Seen['status']])[] = [
  ['the first time', one('reproducible', 'a'), [], 'reproducible'],
  ['the same again', one('reproducible', 'a'), [one('reproducible', 'a')], 'reproducible'],
  ['different again', one('different'), [one('different')], 'different'],
  ['a difference that went away', one('reproducible', 'a'), [one('different')], 'flaky'],
  ['a difference that came', one('different'), [one('reproducible', 'a')], 'flaky'],
  ['alike both times, and not the same', one('reproducible', 'b'), [one('reproducible', 'a')], 'flaky'],
  ['a failed build before says nothing', one('reproducible', 'a'), [one('build-failed'), one('infrastructure')], 'reproducible'],
  ['a failed build after verdicts is a failed build', one('build-failed'), [one('different'), one('reproducible', 'a')], 'build-failed'],
];
for (const [title, latest, before, expected] of OVER) {
  test(`over several runs: ${title}`, (t) => {
    t.is(statusOver(latest, before), expected);
  });
}

test('a difference that was seen once is never forgotten', (t) => {
  fc.assert(
    fc.property(seen, fc.array(seen, { maxLength: 6 }), (latest, before) => {
      const result = statusOver(latest, before);
      const differed = [latest, ...before].some((each) => each.status === 'different');
      return !(result === 'reproducible' && differed) && (result === 'flaky' || result === latest.status);
    }),
  );
  t.pass();
});

test('the exit status is that of the worst, in any order', (t) => {
  fc.assert(
    fc.property(fc.array(status, { maxLength: 8 }), (all) => {
      const got = exitStatusOf(all);
      return got === exitStatusOf([...all].reverse()) && (got === 0) === all.every((each) => each === 'reproducible');
    }),
  );
  t.is(exitStatusOf([]), 0);
  t.is(exitStatusOf(['reproducible', 'different', 'flaky']), 1);
  t.is(exitStatusOf(['different', 'timeout', 'build-failed']), 4);
  t.is(exitStatusOf(['build-failed', 'infrastructure', 'unverified-input']), 7);
});

test('what a failure says of its package', (t) => {
  t.deepEqual(
    (
      [
        'usage',
        'permission',
        'build-failed',
        'timeout',
        'unverified-input',
        'infrastructure',
        'preflight',
        'interrupted',
        'terminated',
      ] as const
    ).map((kind) => statusOf(failure(kind))),
    ['invalid', 'not-granted', 'build-failed', 'timeout', 'unverified-input', 'infrastructure', undefined, undefined, undefined],
  );
});
