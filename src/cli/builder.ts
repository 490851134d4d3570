import type { Sha256 } from '../base/digest.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { type Folder, type FolderOf, folderSource, readFolders } from '../build/folders.ts';
import { removeLeftovers } from '../build/leftovers.ts';
import type { Engine } from '../docker/engine.ts';
import { imageTag, knownImage, makeImage, tagOf } from '../image/image.ts';
import type { Image } from '../image/types.ts';
import { storedOf } from '../lock/files.ts';
import type { Lock } from '../lock/types.ts';
import { bytesText } from '../report/units.ts';
import type { LeaseKey } from '../store/leases.ts';
import type { Store } from '../store/types.ts';
import { lockFor } from './derived-lock.ts';
import { freeBytes } from './disk.ts';
import { fill } from './fill.ts';
import { checkGrants } from './grant.ts';
import { holdSince, type Since } from './leases.ts';
import type { Subject } from './subject.ts';
import { theEngine, theStore } from './tools.ts';
import type { World } from './world.ts';

export type BuilderOptions = { readonly relock?: boolean; readonly relockIfGone?: boolean; readonly grant?: readonly string[] };

/** Everything that a build needs, ready: lock, files, folders, image. */
export type Builder = {
  readonly lock: Lock;
  readonly lockDigest: Sha256;
  readonly resolvedAnew: string | undefined; // why the committed lock was not used
  readonly store: Store;
  readonly engine: Engine;
  readonly image: Image;
  readonly folders: readonly Folder[];
  readonly folderOf: FolderOf;
};

/**
 * From a recipe or a container to its builder image. What is wrong with files and permissions is said before an engine is asked for; files
 * that an image which is there already was made from are not fetched again.
 */
export async function makeBuilder(world: World, subject: Subject, options: BuilderOptions): Promise<Result<Builder>> {
  const found = await lockFor(world, subject, options);
  if (!found.ok) return found;
  if (subject.kind === 'recipe') {
    const granted = checkGrants(subject.recipe, options.grant ?? []);
    if (!granted.ok) return granted;
  }
  const store = await theStore(world);
  if (!store.ok) return store;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;

  // Nobody removes what this build needs, nor, until there is an image, what it is being made from.
  using making = holdSince(world);
  const held = await holdInputs(world, found.value.lock, making);
  if (!held.ok) return held;
  // What a killed run left behind takes memory and disk; when it can not be removed now, `clean` says why.
  const [there] = await Promise.all([
    knownImage({ engine: engine.value, store: store.value }, found.value.lock),
    removeLeftovers(engine.value),
  ]);
  if (!there.ok) return there;
  const room = there.value ? ok() : await checkRoom(world, found.value.lock);
  if (!room.ok) return room;
  const filled = await fill(world, subject, found.value, {
    part: there.value ? 'sources' : 'all',
    relockIfGone: options.relockIfGone ?? false,
    store: store.value,
    engine: async () => engine,
  });
  if (!filled.ok) return filled;
  const { lock, digest, resolvedAnew } = filled.value;
  const more = resolvedAnew === undefined ? held : await holdInputs(world, lock, making);
  if (!more.ok) return more;
  // What was there a moment ago is held since before it was looked for; another lock has another image.
  const known = resolvedAnew === undefined ? there.value : undefined;
  const image = await theImage(world, { engine: engine.value, store: store.value }, lock, known);
  if (!image.ok) return image;
  const folders = subject.kind === 'recipe' ? await readFolders(subject.recipe, lock) : ok([]);
  if (!folders.ok) return folders;
  tellTaken(world, subject, folders.value);
  return ok({
    lock,
    lockDigest: digest,
    resolvedAnew,
    store: store.value,
    engine: engine.value,
    image: image.value,
    folders: folders.value,
    folderOf: folderSource(folders.value),
  });
}

/**
 * The image of a lock that belongs to no recipe. As above, nobody removes what it is made from, nor what a build with it needs.
 *
 * @param fetch gets the files of the lock, or those of its sources alone when the image is there
 */
export async function imageOf(
  world: World,
  { store, engine }: Pick<Builder, 'store' | 'engine'>,
  lock: Lock,
  fetch: (part: 'sources' | 'all') => Promise<Result<void>>,
): Promise<Result<Image>> {
  using making = holdSince(world);
  const held = await holdInputs(world, lock, making);
  if (!held.ok) return held;
  await removeLeftovers(engine);
  const there = await knownImage({ engine, store }, lock);
  if (!there.ok) return there;
  const room = there.value ? ok() : await checkRoom(world, lock);
  if (!room.ok) return room;
  const fetched = await fetch(there.value ? 'sources' : 'all');
  if (!fetched.ok) return fetched;
  return theImage(world, { store, engine }, lock, there.value);
}

/** The image of a lock, in use from now on; it is only made when it is not known. */
async function theImage(
  { running }: World,
  { store, engine }: Pick<Builder, 'store' | 'engine'>,
  lock: Lock,
  known: Image | undefined,
): Promise<Result<Image>> {
  const image = known ? ok(known) : await makeImage({ engine, store, running }, lock);
  if (image.ok) await tagAgain(engine, image.value);
  return image;
}

const BUILDER = 'twinbuild/builder';

/** A tag that is set again tells `clean` that the image is in use. */
async function tagAgain(engine: Engine, { key, id, bashId }: Image): Promise<void> {
  const tag = tagOf(key);
  await Promise.all([engine.tagImage(id, BUILDER, tag), engine.tagImage(bashId, BUILDER, `${tag}-bash`)]);
}

/** Holds the files that a lock names and the image that follows from it. */
async function holdInputs(world: World, lock: Lock, making: Since): Promise<Result<void>> {
  const digests = [...lock.packages.map(({ sha256 }) => sha256), ...lock.sources.flatMap(storedOf)];
  const files = digests.map((digest): LeaseKey => `sha256:${digest}`);
  const held = await world.lease.hold([`image:${await imageTag(lock)}`, ...files], world.running.signal);
  return held.ok ? making.begin() : held;
}

/** Says what of a tree is built: more than git knows of, and whoever tries a change wants it so. */
function tellTaken(world: World, subject: Subject, [tree]: readonly Folder[]): void {
  if (!tree || subject.kind !== 'recipe' || subject.derived?.target.kind !== 'tree') return;
  world.running.tell({ kind: 'note', text: `takes all of ${tree.path} (${bytesText(tree.size)}) but .git` });
}

/** Refuses to begin when the disk of the store cannot hold the packages, each as it came and unpacked. */
async function checkRoom(world: World, lock: Lock): Promise<Result<void>> {
  const free = await freeBytes(world.home);
  const wanted = lock.packages.reduce((sum, { size }) => sum + size, 0) * 2.5;
  if (free === undefined || free >= wanted) return ok();
  return fail({
    kind: 'preflight',
    reason: 'too-little-disk',
    message: `${world.home} has ${bytesText(free)} free, and the packages of the image take up to ${bytesText(wanted)}`,
    next: 'Make room (`twinbuild clean` removes what nothing needs), or set TWINBUILD_HOME to a folder on a larger disk.',
  });
}
