import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { ok } from '../src/base/result.ts';
import type { LeaseKey } from '../src/store/leases.ts';
import { limitStore, removeUnheld } from '../src/store/limit.ts';
import { listEntries } from '../src/store/sweep.ts';
import { file, holder, leasesIn, names } from './helpers/leases.ts';
import { emptyStore, folder, pieces, reasonOf, value } from './helpers/stores.ts';

const never = new AbortController().signal;
const HOUR = 3600;

test('what another process holds stays, and so does what was made from it, until that process is killed', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const known = { held: await file(s.store, 'a', 400, 9 * HOUR), free: await file(s.store, 'b', 400, HOUR) };
  value(await s.store.addDerived('deb-tree-1', known.held, pieces('unpacked')));
  await using other = await holder(home.path, `sha256:${known.held}`);
  const leases = leasesIn(home.path);
  value(await limitStore(s.root, leases, async () => 1));
  t.deepEqual(await names(s.store, known), ['held']);
  t.truthy(await s.store.readDerived('deb-tree-1', known.held));
  await other.kill();
  value(await limitStore(s.root, leases, async () => 1));
  t.deepEqual(await names(s.store, known), []);
  t.is(await s.store.readDerived('deb-tree-1', known.held), undefined);
  t.deepEqual((await readdir(join(home.path, 'leases'))).length, 1); // its own
  leases.close();
  t.deepEqual(await readdir(join(home.path, 'leases')), []);
});

test('what this process holds stays until it is released', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const leases = leasesIn(home.path);
  const known = { a: await file(s.store, 'a', 10, HOUR) };
  const [one, two] = [leases.lease(), leases.lease()];
  value(await one.hold([`sha256:${known.a}`], never));
  value(await two.hold([`sha256:${known.a}`], never));
  value(one.release());
  value(await limitStore(s.root, leases, async () => 1));
  t.deepEqual(await names(s.store, known), ['a']);
  value(two.release());
  value(await limitStore(s.root, leases, async () => 1));
  t.deepEqual(await names(s.store, known), []);
  leases.close();
});

test('while somebody does not know yet what it needs, what was used since then stays', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const since = Math.floor(Date.now() / 1000) - 2 * HOUR;
  await using other = await holder(home.path, `since:${since}`);
  const leases = leasesIn(home.path);
  const known = { before: await file(s.store, 'a', 10, 3 * HOUR), after: await file(s.store, 'b', 10, HOUR) };
  value(await limitStore(s.root, leases, async () => 1));
  t.deepEqual(await names(s.store, known), ['after']);
  await other.kill();
  leases.close();
});

test('who wants to hold what is being removed waits, and then finds it gone and not half gone', async (t) => {
  await using home = await folder();
  const [remover, wanter] = [leasesIn(home.path), leasesIn(home.path)];
  const key: LeaseKey = `sha256:${sha256('x')}`;
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const removing = remover.remove(
    [key],
    () => ({ key, usedSeconds: 0 }),
    async () => {
      order.push('removing');
      await gate.promise;
      order.push('removed');
      return ok();
    },
  );
  const holding = wanter
    .lease()
    .hold([key], never)
    .then(() => order.push('held'));
  await sleep(200);
  t.deepEqual(order, ['removing']);
  gate.resolve();
  value(await removing);
  await holding;
  t.deepEqual(order, ['removing', 'removed', 'held']);
  t.deepEqual(
    value(
      await remover.remove(
        [key],
        () => ({ key, usedSeconds: 0 }),
        async () => ok(),
      ),
    ),
    [],
  );
  const stop = new AbortController();
  stop.abort({ kind: 'interrupted', reason: 'sigint', message: 'stop' });
  remover.close();
  wanter.close();
});

test('a wait for what is being removed ends with the signal', async (t) => {
  await using home = await folder();
  const [remover, wanter] = [leasesIn(home.path), leasesIn(home.path)];
  const key: LeaseKey = 'image:0123456789ab';
  const gate = Promise.withResolvers<void>();
  const removing = remover.remove(
    [key],
    () => ({ key, usedSeconds: 0 }),
    async () => {
      await gate.promise;
      return ok();
    },
  );
  const stop = new AbortController();
  const holding = wanter.lease().hold([key], stop.signal);
  stop.abort({ kind: 'interrupted', reason: 'sigint', message: 'stop' });
  t.is(reasonOf(await holding), 'sigint');
  gate.resolve();
  value(await removing);
  remover.close();
  wanter.close();
});

test('files that somebody removed in the same moment do no harm', async (t) => {
  await using s = await emptyStore();
  await using home = await folder();
  const [one, two] = [leasesIn(home.path), leasesIn(home.path)];
  for (let at = 0; at < 30; at += 1) await file(s.store, `${at}x`, 10 + at, HOUR);
  const entries = value(await listEntries(s.root));
  const [first, second] = await Promise.all([removeUnheld(s.root, one, entries), removeUnheld(s.root, two, entries)]);
  value(first);
  value(second);
  t.deepEqual(value(await listEntries(s.root)), []);
  one.close();
  two.close();
});
