import test from 'ava';
import { resultName } from '../src/cli/result-name.ts';
import type { Target } from '../src/cli/target.ts';

const source = (version?: string): Target => ({ kind: 'source', name: 'hello', version });

type Row = { readonly what: string; readonly targets: readonly Target[]; readonly names: readonly string[] };

const ROWS: readonly Row[] = [
  { what: 'one target has its short name', targets: [source('2.10-3')], names: ['hello'] },
  { what: 'another version has it behind the name', targets: [source('2.10-2'), source('2.10-3')], names: ['hello', 'hello_2.10-3'] },
  { what: 'a colon is written as apt does', targets: [source(), source('1:2-3')], names: ['hello', 'hello_1%3a2-3'] },
  { what: 'an epoch is a difference', targets: [source(), source('1:2-3'), source('2-3')], names: ['hello', 'hello_1%3a2-3', 'hello_2-3'] },
  { what: 'the same target twice has one name', targets: [source('1'), source('2'), source('1')], names: ['hello', 'hello_2', 'hello'] },
  {
    what: 'a .dsc has the version of its name',
    targets: [source(), { kind: 'dsc', path: '/in/hello_2.10-3.dsc' }],
    names: ['hello', 'hello_2.10-3'],
  },
  {
    what: 'what has no version, or one that is in use, has a digest',
    targets: [
      { kind: 'dsc', path: '/a/hello_1.dsc' },
      { kind: 'dsc', path: '/b/hello_1.dsc' },
      { kind: 'dsc', path: '/c/hello_1.dsc' },
      { kind: 'tree', path: '/hello' },
    ],
    names: ['hello', 'hello_1', 'hello~', 'hello~'],
  },
];

for (const { what, targets, names } of ROWS) {
  test(`folders of results: ${what}`, (t) => {
    const taken = new Map<string, string>();
    const given = targets.map((target) => resultName('hello', target, taken));
    t.deepEqual(
      given.map((name) => name.replace(/~[0-9a-f]{8}$/, '~')),
      names,
    );
    t.is(new Set(given).size, new Set(targets.map((target) => JSON.stringify(target))).size);
  });
}
