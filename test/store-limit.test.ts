import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import type { Sha256 } from '../src/base/digest.ts';
import { type Kept, limitStore, sensibleLimit } from '../src/store/limit.ts';
import { listEntries } from '../src/store/sweep.ts';
import { file, leasesIn, names } from './helpers/leases.ts';
import { emptyStore, folder, value } from './helpers/stores.ts';

const never = new AbortController().signal;
const HOUR = 3600;

test('a limit takes the longest unused files, until there is a tenth to spare', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const leases = leasesIn(home.path);
  const known = {
    oldest: await file(s.store, 'a', 400, 5 * HOUR),
    older: await file(s.store, 'b', 300, 4 * HOUR),
    newer: await file(s.store, 'c', 300, 2 * HOUR),
    newest: await file(s.store, 'd', 500, HOUR),
  };
  value(await s.store.writeState('image', 'key', { precious: true }));
  const kept = value(await limitStore(s.root, leases, async () => 1000)) as Kept;
  t.deepEqual(await names(s.store, known), ['newer', 'newest']);
  t.is(kept.removed, 2);
  t.is(kept.removedBytes, 700);
  t.deepEqual(await s.store.readState('image', 'key'), { precious: true });
  t.is(value(await limitStore(s.root, leases, async () => 1000))?.removed, 0);
  t.is(value(await limitStore(s.root, leases, async () => undefined)), undefined);
  leases.close();
});

test('whatever is held and however large the limit: nothing that is held goes, and the rest goes by its age', async (t) => {
  const entry = fc.record({ size: fc.integer({ min: 1, max: 50 }), ago: fc.integer({ min: 1, max: 1000 }), held: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(entry, { maxLength: 8, selector: ({ ago }) => ago }),
      fc.integer({ min: 0, max: 200 }),
      async (all, limit) => {
        await using s = await emptyStore();
        await using home = await folder();
        const leases = leasesIn(home.path);
        const files: { digest: Sha256; size: number; ago: number; held: boolean }[] = [];
        for (const [at, one] of all.entries())
          files.push({ ...one, digest: await file(s.store, String.fromCharCode(97 + at), one.size, one.ago * 60) });
        value(
          await leases.lease().hold(
            files.flatMap(({ held, digest }) => (held ? [`sha256:${digest}` as const] : [])),
            never,
          ),
        );
        const kept = value(await limitStore(s.root, leases, async () => limit)) as Kept;
        const there = new Set(value(await listEntries(s.root)).map(({ name }) => name));
        const stay = files.filter(({ digest }) => there.has(digest));
        const gone = files.filter(({ digest }) => !there.has(digest));
        leases.close();
        const youngestGone = Math.min(Number.POSITIVE_INFINITY, ...gone.map(({ ago }) => ago));
        return (
          gone.every(({ held }) => !held) &&
          stay.every(({ held, ago }) => held || ago < youngestGone) &&
          kept.bytes === stay.reduce((sum, { size }) => sum + size, 0) &&
          (kept.bytes <= limit || stay.every(({ held }) => held))
        );
      },
    ),
    { numRuns: 40 },
  );
  t.pass();
});

test('a file that is being written stays', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const leases = leasesIn(home.path);
  const gate = Promise.withResolvers<void>();
  const adding = s.store.add(
    (async function* () {
      yield Buffer.from('first half, ');
      await gate.promise;
      yield Buffer.from('second half');
    })(),
  );
  await sleep(50);
  value(await limitStore(s.root, leases, async () => 0));
  gate.resolve();
  t.true(await s.store.has(value(await adding).sha256));
  leases.close();
});

test('a sensible limit is half of what there is room for', (t) => {
  t.is(sensibleLimit(10e9, 90e9), 50e9);
  t.is(sensibleLimit(0, 1e9), 4e9);
});
