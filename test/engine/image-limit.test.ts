import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { $ } from 'zx';
import { limitImages } from '../../src/build/image-limit.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { theEngine } from '../helpers/engine.ts';
import { leasesIn } from '../helpers/leases.ts';
import { folder, value } from '../helpers/stores.ts';

$.quiet = true;
const never = new AbortController().signal;
const MEGABYTE = 1_000_000;

/** An image of one layer with that many bytes that nobody else has, as makeBuilder names them. */
async function made(bytes: number): Promise<{ readonly id: string; readonly tag: string }> {
  await using place = await folder();
  const tag = randomBytes(6).toString('hex');
  await $`head -c ${bytes} /dev/urandom > ${place.path}/content`;
  const { stdout } =
    await $`tar --create --directory ${place.path} content | docker import --change ${'LABEL io.twinbuild.owner=twinbuild'} - ${`twinbuild/builder:${tag}`}`;
  await sleep(1100); // the engine's times are whole seconds to us
  return { id: stdout.trim(), tag };
}

test.serial('the longest unused images go until the limit is kept, and never one that is held', async (t) => {
  await using home = await folder();
  const leases = leasesIn(home.path);
  const engine = await theEngine();
  const images = [await made(3 * MEGABYTE), await made(2 * MEGABYTE), await made(MEGABYTE)] as const;
  const [oldest] = images;
  const ids = images.map(({ id }) => id);
  // Other images on this engine are none of this test's business.
  const only: Engine = Object.assign(Object.create(engine) as Engine, {
    leftovers: async () => {
      const all = await engine.leftovers();
      return all.ok ? { ok: true, value: all.value.filter(({ id }) => ids.includes(id)) } : all;
    },
    imageLayers: (id: string) => engine.imageLayers(id),
    removeImage: (id: string) => engine.removeImage(id),
  });
  const there = async () =>
    value(await only.leftovers())
      .map(({ id }) => ids.indexOf(id))
      .sort((a, b) => a - b);
  try {
    t.deepEqual(await there(), [0, 1, 2]);
    t.is(value(await limitImages(only, leases, async () => undefined)), undefined);
    const kept = value(await limitImages(only, leases, async (used) => used));
    t.is(kept?.removed, 0);
    t.true((kept?.bytes ?? 0) >= 6 * MEGABYTE && (kept?.bytes ?? 0) < 7 * MEGABYTE, String(kept?.bytes));
    const lease = leases.lease();
    value(await lease.hold([`image:${oldest.tag}`], never));
    value(await limitImages(only, leases, async () => 5 * MEGABYTE));
    t.deepEqual(await there(), [0, 2]); // the second oldest, as the oldest is held
    value(lease.release());
    t.is(value(await limitImages(only, leases, async () => 2 * MEGABYTE))?.removed, 1);
    t.deepEqual(await there(), [2]);
  } finally {
    for (const { id } of images) await engine.removeImage(id);
    leases.close();
  }
});
