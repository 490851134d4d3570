import type { Sha256 } from '../base/digest.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Engine, ImageId } from '../docker/engine.ts';
import { whileWanted } from './blob.ts';
import { archiveOf, type Description } from './description.ts';
import { missingTree } from './layer-tar.ts';

export type Loading = {
  readonly engine: Engine;
  readonly running: Running;
  readonly large: readonly Sha256[]; // layers that other images may share, the most shared one first
  readonly again: (deb: Sha256) => Promise<Result<void>>; // unpacks a package whose unpacked form the store lost
};

/**
 * Sees to it that the engine has these images. Tries without the large layers first: an engine takes those that it has from an image
 * that shares them, and refuses quickly where it has not; then more and more of them are sent.
 *
 * @returns what the engine calls each image
 */
export async function load(loading: Loading, images: readonly Description[]): Promise<Result<readonly ImageId[]>> {
  const there = await idsOf(loading.engine, images);
  if (!there.ok) return there;
  if (there.value !== undefined) return named(loading.engine, images, there.value);
  for (let sharing = loading.large.length; sharing >= 0; sharing -= 1) {
    const sent = await sendRestoring(loading, images, new Set(loading.large.slice(0, sharing)));
    if (loading.running.signal.aborted) return fail(loading.running.signal.reason as Failure);
    // `engine`: it said no. Anything else would go wrong again.
    if (!sent.ok && (sharing === 0 || sent.error.reason !== 'engine')) return sent;
    const ids = await idsOf(loading.engine, images);
    if (!ids.ok) return ids;
    if (ids.value !== undefined) return named(loading.engine, images, ids.value);
  }
  return fail({
    kind: 'infrastructure',
    reason: 'image-id',
    message: 'The engine took the image, but has it under no id that follows from its content.',
    next: 'Say which engine it is: `twinbuild doctor --json`.',
  });
}

/** Sends the images, and once more for each package of which the store lost the unpacked form. */
async function sendRestoring(loading: Loading, images: readonly Description[], leftOut: ReadonlySet<Sha256>): Promise<Result<void>> {
  const restored = new Set<Sha256>();
  while (true) {
    const sent = await send(loading, images, leftOut);
    const lost = sent.ok ? undefined : missingTree(sent.error);
    if (lost === undefined || restored.has(lost)) return sent;
    restored.add(lost);
    const back = await loading.again(lost);
    if (!back.ok) return back;
  }
}

async function send({ engine, running }: Loading, images: readonly Description[], leftOut: ReadonlySet<Sha256>): Promise<Result<void>> {
  const layers = new Map(images.flatMap(({ layers }) => layers.map(({ digest, size }) => [digest, size])));
  const total = [...layers].reduce((sum, [digest, size]) => sum + (leftOut.has(digest) ? 0 : size), 0);
  running.tell({ kind: 'stage', text: 'loading the image into the engine' });
  return engine.loadImage(watched(archiveOf(images, leftOut), total, running));
}

async function* watched(bytes: AsyncIterable<Uint8Array>, total: number, running: Running): AsyncGenerator<Uint8Array> {
  let done = 0;
  let told = 0;
  for await (const piece of whileWanted(bytes, running.signal)) {
    yield piece;
    done += piece.length;
    if (done - told < 4 * 1024 ** 2) continue;
    told = done;
    running.tell({ kind: 'bytes', label: 'loading', done: Math.min(done, total), total });
  }
}

/** The id of each image in the engine, or undefined when it lacks one. */
async function idsOf(engine: Engine, images: readonly Description[]): Promise<Result<readonly ImageId[] | undefined>> {
  const found: ImageId[] = [];
  for (const { ids } of images) {
    const before = found.length;
    for (const id of ids) {
      if (found.length > before) continue;
      const there = await engine.hasImage(id);
      if (!there.ok) return there;
      if (there.value) found.push(id);
    }
    if (found.length === before) return ok(undefined);
  }
  return ok(found);
}

/** Names the images, so that they are not swept away as dangling. */
async function named(engine: Engine, images: readonly Description[], ids: readonly ImageId[]): Promise<Result<readonly ImageId[]>> {
  for (const [at, { name }] of images.entries()) {
    const [repository = '', tag = ''] = name.split(':');
    const tagged = await engine.tagImage(ids[at] as ImageId, repository, tag);
    if (!tagged.ok) return tagged;
  }
  return ok(ids);
}
