import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { byBytes } from '../src/base/order.ts';
import { type Beginning, Records, type Taken } from '../src/queue/records.ts';
import type { AttemptEnd, QueueItem, Status } from '../src/queue/types.ts';
import { folder, value } from './helpers/stores.ts';

const QUEUE = '/somewhere/out/many/a';
const item = (name: string, key = name): QueueItem => ({ key, name, target: name, kind: null, options: {} });
const beginning = ({ name, target }: QueueItem): Beginning => ({ name, target, folder: `${QUEUE}/${name}`, startedAtMs: 1000, tool: '1' });
const end = (status: Status, more: Partial<AttemptEnd> = {}): AttemptEnd => ({
  status,
  reason: null,
  message: null,
  next: null,
  version: '1-1',
  wallSeconds: 3,
  inputs: 'inputs',
  outputs: status === 'reproducible' ? 'outputs' : null,
  lock: 'lock',
  different: status === 'different' ? [{ name: 'a.deb', verdict: 'different', places: ['x'], causes: ['timestamp'] }] : [],
  ...more,
});
const never = () => false;

async function records(): Promise<AsyncDisposable & { readonly records: Records; readonly again: () => Records }> {
  const place = await folder();
  const open = () => value(Records.open(join(place.path, 'history.sqlite')));
  const first = open();
  return { records: first, again: open, [Symbol.asyncDispose]: place[Symbol.asyncDispose] };
}

function take(from: Records, nowMs = 0): Taken {
  const taken = value(from.take(QUEUE, nowMs, beginning));
  if (taken === undefined || !('item' in taken)) throw new Error('nothing to take');
  return taken;
}

test('items are taken in the order of the list, each once, by whoever asks', async (t) => {
  await using r = await records();
  value(
    r.records.openQueue(
      QUEUE,
      ['c', 'a', 'b'].map((name) => item(name)),
      never,
    ),
  );
  const other = r.again();
  t.deepEqual(
    [take(r.records), take(other), take(r.records)].map(({ item: { name } }) => name),
    ['c', 'a', 'b'],
  );
  t.is(value(other.take(QUEUE, 0, beginning)), undefined);
});

test('what is finished stays finished, what was running waits again', async (t) => {
  await using r = await records();
  const items = ['a', 'b', 'c'].map((name) => item(name));
  value(r.records.openQueue(QUEUE, items, never));
  const [a, b] = [take(r.records), take(r.records)];
  t.is(value(r.records.finish(QUEUE, 'a', a.attempt, end('different'))), 'different');
  t.deepEqual(
    value(r.records.abandoned(QUEUE)).map(({ name, attempt }) => [name, attempt.id]),
    [['b', b.attempt]],
  );
  const later = r.again(); // the process was killed
  value(later.openQueue(QUEUE, items, never));
  t.deepEqual(
    value(later.items(QUEUE)).map(({ name, state, status }) => [name, state, status]),
    [
      ['a', 'finished', 'different'],
      ['b', 'waiting', null],
      ['c', 'waiting', null],
    ],
  );
  t.is(take(later).item.name, 'b');
});

test('another key is another item; one that comes back is still finished', async (t) => {
  await using r = await records();
  value(r.records.openQueue(QUEUE, [item('a', 'a1')], never));
  value(r.records.finish(QUEUE, 'a1', take(r.records).attempt, end('reproducible')));
  value(r.records.openQueue(QUEUE, [item('a', 'a2')], never));
  t.deepEqual(
    value(r.records.items(QUEUE)).map(({ key, state }) => [key, state]),
    [['a2', 'waiting']],
  );
  value(r.records.openQueue(QUEUE, [item('a', 'a1')], never));
  t.deepEqual(
    value(r.records.items(QUEUE)).map(({ key, state }) => [key, state]),
    [['a1', 'finished']],
  );
  value(r.records.openQueue(`${QUEUE}2`, [item('a', 'a1')], never));
  t.deepEqual(
    value(r.records.items(`${QUEUE}2`)).map(({ state }) => state),
    ['waiting'],
  );
});

test('what infrastructure kept from a verdict waits again in the next run; a failed build does not, unless asked for', async (t) => {
  await using r = await records();
  const items = ['a', 'b'].map((name) => item(name));
  value(r.records.openQueue(QUEUE, items, never));
  value(r.records.finish(QUEUE, 'a', take(r.records).attempt, end('infrastructure')));
  value(r.records.finish(QUEUE, 'b', take(r.records).attempt, end('build-failed')));
  value(r.records.openQueue(QUEUE, items, never));
  t.deepEqual(
    value(r.records.items(QUEUE)).map(({ state }) => state),
    ['waiting', 'finished'],
  );
  value(r.records.openQueue(QUEUE, items, ({ status }) => status === 'build-failed'));
  t.deepEqual(
    value(r.records.items(QUEUE)).map(({ state }) => state),
    ['waiting', 'waiting'],
  );
});

test('an item that is put back comes after its pause, and the others before it', async (t) => {
  await using r = await records();
  value(
    r.records.openQueue(
      QUEUE,
      ['a', 'b'].map((name) => item(name)),
      never,
    ),
  );
  value(r.records.putBack(QUEUE, 'a', take(r.records).attempt, end('infrastructure'), 5000));
  t.is(take(r.records, 10).item.name, 'b');
  t.deepEqual(value(r.records.take(QUEUE, 4999, beginning)), { laterMs: 5000 });
  const again = take(r.records, 5000);
  t.deepEqual([again.item.name, again.lost, again.failed], ['a', 1, 0]);
  value(r.records.putBack(QUEUE, 'a', again.attempt, end('build-failed'), 0));
  t.deepEqual(
    [take(r.records, 5001)].map(({ lost, failed }) => [lost, failed]),
    [[1, 1]],
  );
});

test('an attempt that was stopped was never made', async (t) => {
  await using r = await records();
  value(r.records.openQueue(QUEUE, [item('a')], never));
  const { attempt } = take(r.records);
  value(r.records.leave(QUEUE, 'a', attempt));
  t.deepEqual(
    value(r.records.items(QUEUE)).map(({ state, attempts }) => [state, attempts]),
    [['waiting', []]],
  );
  t.deepEqual(value(r.records.history(undefined, 9)), []);
});

test('flaky: other verdicts at the same inputs, also of runs by themselves; other inputs are another matter', async (t) => {
  await using r = await records();
  const run = (ended: AttemptEnd) => value(r.records.end(value(r.records.begin({ ...beginning(item('a')) })), ended));
  t.is(run(end('reproducible')), 'reproducible');
  t.is(run(end('different', { inputs: 'others' })), 'different');
  t.is(run(end('reproducible')), 'reproducible');
  t.is(run(end('different')), 'flaky');
  t.is(run(end('reproducible')), 'flaky');
  t.is(run(end('reproducible', { inputs: 'third', outputs: 'x' })), 'reproducible');
  t.is(run(end('reproducible', { inputs: 'third', outputs: 'y' })), 'flaky');
  t.is(run(end('different', { inputs: null })), 'different');
});

test('the history is the newest first, of one or of all, whole', async (t) => {
  await using r = await records();
  for (const [name, at] of [
    ['a', 10],
    ['b', 30],
    ['a', 20],
  ] as const) {
    value(r.records.end(value(r.records.begin({ ...beginning(item(name)), startedAtMs: at })), end('different', { inputs: `${at}` })));
  }
  value(r.records.begin(beginning(item('c')))); // has not ended
  t.deepEqual(
    value(r.records.history(undefined, 9)).map(({ startedAtMs }) => startedAtMs),
    [30, 20, 10],
  );
  const [newest] = value(r.records.history('a', 1));
  t.like(newest, { name: 'a', target: 'a', folder: `${QUEUE}/a`, startedAtMs: 20, tool: '1', ...end('different', { inputs: '20' }) });
  t.deepEqual(value(r.records.names()), ['a', 'b']);
});

/** A queue that something happens to; it dies and comes back as the same file. */
class Model {
  readonly finished: string[] = [];
  #now: Records;
  readonly #again: () => Records;
  #running: Taken[] = [];

  constructor(again: () => Records) {
    this.#again = again;
    this.#now = this.#open();
  }

  happen(what: 'take' | 'finish' | 'putBack' | 'leave' | 'die'): void {
    if (what === 'take') {
      const taken = value(this.#now.take(QUEUE, 1e9, beginning));
      if (taken && 'item' in taken) this.#running.push(taken);
    } else if (what === 'die') {
      this.#now = this.#open();
    } else {
      const first = this.#running.shift();
      if (first) this.#end(what, first);
    }
  }

  allFinished(): boolean {
    return value(this.#now.items(QUEUE)).every(({ state }) => state === 'finished');
  }

  #open(): Records {
    const now = this.#again();
    value(
      now.openQueue(
        QUEUE,
        ['a', 'b', 'c'].map((name) => item(name)),
        never,
      ),
    );
    this.#running = [];
    return now;
  }

  #end(what: 'finish' | 'putBack' | 'leave', { item: { key }, attempt }: Taken): void {
    if (what === 'leave') value(this.#now.leave(QUEUE, key, attempt));
    else if (what === 'putBack') value(this.#now.putBack(QUEUE, key, attempt, end('build-failed'), 0));
    else {
      value(this.#now.finish(QUEUE, key, attempt, end('reproducible')));
      this.finished.push(key);
    }
  }
}

test('any course of events, with deaths in between, ends with every item finished once', async (t) => {
  const event = fc.constantFrom('take' as const, 'finish' as const, 'putBack' as const, 'leave' as const, 'die' as const);
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
      await using r = await records();
      const model = new Model(r.again);
      for (const what of events) model.happen(what);
      for (let at = 0; at < 10; at += 1) for (const what of ['take', 'finish'] as const) model.happen(what);
      return model.allFinished() && [...model.finished].sort(byBytes).join('') === 'abc';
    }),
    { numRuns: 40 },
  );
  t.pass();
});
