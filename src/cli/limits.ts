import { join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { limitImages } from '../build/image-limit.ts';
import type { Engine } from '../docker/engine.ts';
import { parseBytes } from '../recipe/quantity.ts';
import { bytesText } from '../report/units.ts';
import { type Kept, limitStore } from '../store/limit.ts';
import type { World } from './world.ts';

export type LimitOptions = { readonly storeLimit?: string; readonly imageLimit?: string };

/** How large store and images may be, in bytes; undefined: nobody said. */
export type Limits = { readonly storeBytes: number | undefined; readonly imageBytes: number | undefined };

/** The limits of the command line, else those of TWINBUILD_STORE_LIMIT and TWINBUILD_IMAGE_LIMIT. */
export function limitsOf({ environment }: World, { storeLimit, imageLimit }: LimitOptions): Result<Limits> {
  const found: Record<'storeBytes' | 'imageBytes', number | undefined> = { storeBytes: undefined, imageBytes: undefined };
  for (const [field, option, given, variable] of [
    ['storeBytes', '--store-limit', storeLimit, 'TWINBUILD_STORE_LIMIT'],
    ['imageBytes', '--image-limit', imageLimit, 'TWINBUILD_IMAGE_LIMIT'],
  ] as const) {
    const text = given ?? environment[variable];
    if (text === undefined || text === '') continue;
    found[field] = parseBytes(text);
    if (found[field] !== undefined) continue;
    return fail({
      kind: 'usage',
      reason: 'bad-size',
      message: `${given === undefined ? variable : option} is "${text}", which is no size`,
      next: 'Write a number and a unit, such as 20GB or 512MiB.',
    });
  }
  return ok(found);
}

/**
 * Removes what was not used for the longest time until store and images keep to the limits. Without an engine the images are left out.
 *
 * @param usual the limit where nobody said one, by what is used now; undefined: none
 */
export async function keepLimits(
  world: World,
  engine: Engine | undefined,
  { storeBytes, imageBytes }: Limits,
  usual: (usedBytes: number, what: 'store' | 'images') => Promise<number | undefined> = async () => undefined,
): Promise<Result<{ readonly store?: Kept; readonly images?: Kept }>> {
  const leases = world.leases();
  if (!leases.ok) return leases;
  const limitFor = (given: number | undefined, what: 'store' | 'images') => (used: number) =>
    given === undefined ? usual(used, what) : Promise.resolve(given);
  const images = engine ? await limitImages(engine, leases.value, limitFor(imageBytes, 'images')) : ok(undefined);
  if (!images.ok) return images;
  const store = await limitStore(join(world.home, 'store'), leases.value, limitFor(storeBytes, 'store'));
  if (!store.ok) return store;
  for (const [what, kept] of [
    ['images', images.value],
    ['store files', store.value],
  ] as const) {
    if (kept === undefined || kept.removed === 0) continue;
    const { removed, removedBytes, limitBytes } = kept;
    world.running.tell({
      kind: 'note',
      text: `removed ${removed} ${what} (${bytesText(removedBytes)}) to keep to ${bytesText(limitBytes)}`,
    });
  }
  return ok({ ...(store.value ? { store: store.value } : {}), ...(images.value ? { images: images.value } : {}) });
}
