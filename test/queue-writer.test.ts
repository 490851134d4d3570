import { join } from 'node:path';
import test from 'ava';
import { Records } from '../src/queue/records.ts';
import { folder, value } from './helpers/stores.ts';

const QUEUE = '/somewhere/out/many/a';

test('whose report lies in a folder follows from when it began, as lines change and names come again', async (t) => {
  await using place = await folder();
  const records = value(Records.open(join(place.path, 'history.sqlite')));
  const begin = (key: string, startedAtMs: number): void => {
    value(records.openQueue(QUEUE, [{ key, name: 'a', target: 'a', kind: null, options: {} }], () => true));
    const taken = value(records.take(QUEUE, 0, () => ({ name: 'a', target: 'a', folder: `${QUEUE}/a`, startedAtMs, tool: '1' })));
    if (taken === undefined || !('item' in taken)) throw new Error('nothing to take');
    if (key !== 'killed') value(records.finish(QUEUE, key, taken.attempt, END));
  };
  begin('first', 1000);
  begin('second', 2000);
  begin('first', 3000);
  begin('killed', 4000);
  const writer = (at: number) => value(records.writerOf(QUEUE, `${QUEUE}/a`, at));
  t.deepEqual([999, 1000, 1999, 2500, 3000, 4001].map(writer), [undefined, 'first', 'first', 'second', 'first', 'killed']);
  t.is(value(records.writerOf(QUEUE, `${QUEUE}/b`, 5000)), undefined);
  t.is(writer(Number.NaN), undefined);
});

const END = {
  status: 'reproducible',
  reason: null,
  message: null,
  next: null,
  version: null,
  wallSeconds: 1,
  inputs: null,
  outputs: null,
  lock: null,
  different: [],
} as const;
