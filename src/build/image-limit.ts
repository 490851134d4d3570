import { ok, type Result } from '../base/result.ts';
import type { Engine, Leftover } from '../docker/engine.ts';
import type { LeaseKey, Leases } from '../store/leases.ts';
import { type Kept, type LimitFor, oldestFirst } from '../store/limit.ts';

/** So much of a limit is left free, that not every image more makes us look again. */
const SPARE = 0.1;

type Sized = {
  readonly image: Leftover;
  readonly layers: ReadonlyMap<string, number>;
  readonly size: number;
  readonly name: string;
  readonly lastUsedSeconds: number;
};

/**
 * Removes builder images until they keep to a limit, the longest unused first, and never one that somebody holds or a container uses. A layer that
 * several images share counts once. When too much is held, there is more than that.
 */
export async function limitImages(engine: Engine, leases: Leases, limitFor: LimitFor): Promise<Result<Kept | undefined>> {
  const all = await engine.leftovers(['image']);
  if (!all.ok) return all;
  const images: Sized[] = [];
  for (const image of all.value) {
    const layers = await engine.imageLayers(image.id);
    if (!layers.ok) return layers;
    const sizes = new Map(layers.value.map(({ digest, sizeBytes }) => [digest, sizeBytes]));
    const lastUsedSeconds = image.usedSeconds ?? image.createdSeconds;
    images.push({ image, layers: sizes, size: image.sizeBytes ?? 0, name: image.id, lastUsedSeconds });
  }
  let there: readonly Sized[] = images;
  const before = bytesOf(there);
  const limitBytes = await limitFor(before);
  if (limitBytes === undefined) return ok(undefined);
  let removed = 0;
  for (const one of before > limitBytes ? oldestFirst(images) : []) {
    if (bytesOf(there) <= limitBytes * (1 - SPARE)) break;
    const gone = await removeImages(engine, leases, [one.image]);
    if (!gone.ok) return gone;
    if (gone.value.length === 0) continue;
    removed += 1;
    there = there.filter((each) => each !== one);
  }
  const bytes = bytesOf(there);
  return ok({ removed, removedBytes: before - bytes, bytes, limitBytes });
}

/** Removes those of the images that nobody holds and no container uses; gives the ones that went. */
export async function removeImages(engine: Engine, leases: Leases, images: readonly Leftover[]): Promise<Result<readonly Leftover[]>> {
  const gone: Leftover[] = [];
  const about = (image: Leftover) => ({ key: imageKeyOf(image), usedSeconds: image.usedSeconds ?? image.createdSeconds });
  const done = await leases.remove(images, about, async (image) => {
    if ((await engine.removeImage(image.id)).ok) gone.push(image); // the engine refuses while a container uses it
    return ok();
  });
  return done.ok ? ok(gone) : done;
}

/** Under which key an image may be held: by the tag that makeBuilder gives it, for both of its shells. */
function imageKeyOf({ tags = [] }: Leftover): LeaseKey | undefined {
  for (const tag of tags) {
    const name = /:([0-9a-f]{12})(?:-bash)?$/.exec(tag)?.[1];
    if (name !== undefined) return `image:${name}`;
  }
  return undefined;
}

function bytesOf(images: readonly Sized[]): number {
  const layers = new Map<string, number>();
  for (const { layers: of } of images) for (const [digest, size] of of) layers.set(digest, size);
  return [...layers.values()].reduce((sum, size) => sum + size, 0);
}
