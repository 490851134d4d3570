import test from 'ava';
import fc from 'fast-check';
import { SURROUNDING_NAMES, type SurroundingName } from '../src/build/types.ts';
import { mostTrials, nextTrial, type Reason, type Trial } from '../src/build/why.ts';

/** A place of an output, and the groups of surroundings that change it; each group changes it in its own way. */
type Places = Readonly<Record<string, readonly (readonly SurroundingName[])[] | 'random'>>;

/** What a build with these surroundings would show. */
function build(places: Places, varied: readonly SurroundingName[], serial: number): Trial {
  const values: Record<string, string> = {};
  for (const [place, groups] of Object.entries(places)) {
    const active =
      groups === 'random' ? [String(serial)] : groups.filter((group) => group.every((name) => varied.includes(name))).map(String);
    if (active.length > 0) values[place] = active.join(' and ');
  }
  return { varied, values };
}

/** Builds until the search ends. */
function search(names: readonly SurroundingName[], places: Places): { reasons: ReadonlyMap<string, Reason>; trials: readonly Trial[] } {
  const trials: Trial[] = [build(places, names, 0)];
  for (;;) {
    const next = nextTrial(names, trials);
    if ('reasons' in next) return { reasons: next.reasons, trials: trials.slice(1) };
    trials.push(build(places, next.vary, trials.length));
  }
}

const someNames = fc.subarray([...SURROUNDING_NAMES], { minLength: 1 });
const sorted = (groups: readonly (readonly string[])[]): string[] => groups.map((group) => [...group].sort().join('+')).sort();

test('one guilty surrounding takes at most ceil(log2 n) + 2 builds, wherever it stands', (t) => {
  for (let count = 1; count <= SURROUNDING_NAMES.length; count += 1) {
    const names = SURROUNDING_NAMES.slice(0, count);
    for (const guilty of names) {
      const { reasons, trials } = search(names, { leaf: [[guilty]], another: [[guilty]] });
      t.deepEqual(reasons.get('leaf'), { random: false, groups: [[guilty]] });
      t.deepEqual(reasons.get('another'), { random: false, groups: [[guilty]] });
      t.true(trials.length <= mostTrials(count), `${guilty} of ${count} took ${trials.length}`);
      t.is(new Set(trials.map(({ varied }) => varied.join())).size, trials.length, 'nothing is built twice');
    }
  }
});

test('what is random takes one build, which varies nothing', (t) => {
  const { reasons, trials } = search(SURROUNDING_NAMES, { leaf: 'random' });
  t.deepEqual(reasons, new Map([['leaf', { random: true }]]));
  t.deepEqual(
    trials.map(({ varied }) => varied),
    [[]],
  );
});

test('what is random does not hide what is varied', (t) => {
  const { reasons } = search(SURROUNDING_NAMES, { a: 'random', b: [['umask']] });
  t.deepEqual(
    [...reasons],
    [
      ['a', { random: true }],
      ['b', { random: false, groups: [['umask']] }],
    ],
  );
});

test('two that matter only together are found as one group', (t) => {
  const { reasons } = search(SURROUNDING_NAMES, { leaf: [['timezone', 'locale']] });
  t.deepEqual(reasons.get('leaf'), { random: false, groups: [['timezone', 'locale']] });
});

test('any disjoint groups are found, in any place, with few builds', (t) => {
  fc.assert(
    fc.property(someNames, fc.array(fc.nat(5), { minLength: 15, maxLength: 15 }), (names, drawn) => {
      // Number 0 and 1: not guilty; each other number is a group.
      const groups = [2, 3, 4, 5]
        .map((number) => names.filter((_name, index) => drawn[index] === number))
        .filter((group) => group.length > 0);
      const { reasons, trials } = search(names, groups.length === 0 ? {} : { leaf: groups });
      const found = reasons.get('leaf');
      if (groups.length === 0) t.is(found, undefined);
      else t.deepEqual(found?.random === false && sorted(found.groups), sorted(groups));
      const guilty = groups.flat().length;
      t.true(trials.length <= 1 + (guilty + groups.length) * (Math.ceil(Math.log2(names.length)) + 1));
    }),
  );
});

test('several places with groups of their own are all explained', (t) => {
  const groupsOf = fc.array(fc.constantFrom(...SURROUNDING_NAMES), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(groupsOf, { minLength: 1, maxLength: 5 }), (places) => {
      const given = Object.fromEntries(places.map((group, index) => [`leaf ${index}`, [[...new Set(group)]]]));
      const { reasons } = search(SURROUNDING_NAMES, given);
      for (const [place, groups] of Object.entries(given)) {
        const found = reasons.get(place);
        t.deepEqual(found?.random === false && sorted(found.groups), sorted(groups));
      }
    }),
  );
});

test('it ends, and names at least one surrounding, even when values change at random under a variation', (t) => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }), (coins) => {
      const names = SURROUNDING_NAMES;
      // As above, where each surrounding could be guilty and a group of its own.
      const most = 1 + 2 * names.length * (Math.ceil(Math.log2(names.length)) + 1);
      const trials: Trial[] = [{ varied: names, values: { leaf: 'x' } }];
      for (;;) {
        const next = nextTrial(names, trials);
        if ('reasons' in next) return t.true(next.reasons.has('leaf'));
        t.true(trials.length <= most);
        const differs = next.vary.length > 0 && coins[trials.length % coins.length];
        trials.push({ varied: next.vary, values: differs ? { leaf: String(trials.length) } : {} });
      }
    }),
  );
});
