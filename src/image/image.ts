import { type Sha256, sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { type Engine, type ImageId, LABEL, OWNER } from '../docker/engine.ts';
import { packTar } from '../format/tar-write.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { putBelow } from './below.ts';
import { type Blob, blobOf, heldBlob } from './blob.ts';
import { configurationOf } from './configuration.ts';
import { scriptDigest } from './configure.ts';
import { type Description, describe } from './description.ts';
import { memberOf } from './layer.ts';
import { type Loading, load } from './load.ts';
import { bareFolder } from './node.ts';
import { type Package, readPackage } from './package.ts';
import { DATABASE, fakeTimeLibrary, localesOf, type Plan, planBase, planBuild } from './plan.ts';
import { RootTree } from './root-tree.ts';
import type { Image } from './types.ts';
import { unpackAll, unpackMissing } from './unpacking.ts';

const MAKER = 3; // grows with every change of what an image holds for the same packages
const STATE = 'image';

export type ImageInputs = {
  readonly packages: readonly LockedPackage[]; // of a lock, in its order; their files are in the store
  readonly imageEpoch: number; // seconds since 1970-01-01T00:00:00Z; nothing in the image is newer
  readonly architecture: string; // Debian's name
};

export type ImageWorld = { readonly engine: Engine; readonly store: Store; readonly running: Running };

/**
 * Makes the builder image of a lock in the engine, or finds it there. The id follows from the packages and the epoch alone.
 *
 * Four layers: the base packages unpacked, what their configuration in a container changed, and the same for the packages that are built
 * with; see docs/image.md. Failures: build-failed (configure-failed, file-conflict), unverified-input (from a .deb), infrastructure.
 */
export async function makeImage(world: ImageWorld, inputs: ImageInputs): Promise<Result<Image>> {
  const there = await knownImage(world, inputs);
  if (!there.ok) return there;
  if (there.value !== undefined) return ok(there.value);
  try {
    return await make(world, inputs);
  } catch (error) {
    return fail(failureOf(error));
  }
}

/** The image of a lock if it was made before and the engine still has it; needs none of the packages' files. */
export async function knownImage(
  { engine, store }: Pick<ImageWorld, 'engine' | 'store'>,
  inputs: ImageInputs,
): Promise<Result<Image | undefined>> {
  const image = (await store.readState(STATE, await keyOf(inputs))) as Partial<Image> | undefined;
  if (image?.id === undefined || image.bashId === undefined) return ok(undefined);
  const [plain, bash] = await Promise.all([engine.hasImage(image.id), engine.hasImage(image.bashId)]);
  if (!plain.ok) return plain;
  if (!bash.ok) return bash;
  return ok(plain.value && bash.value ? (image as Image) : undefined);
}

/** The tag under which the engine has the image of these inputs, and that with bash beside it. */
export async function imageTag(inputs: ImageInputs): Promise<string> {
  return tagOf(await keyOf(inputs));
}

/** The tag of an image by its key. */
export function tagOf(key: Sha256): string {
  return key.slice(0, 12);
}

/** What an image follows from. */
async function keyOf({ architecture, imageEpoch, packages }: ImageInputs): Promise<Sha256> {
  return sha256(
    canonicalJson({ maker: await makerOf(), architecture, imageEpoch, packages: packages.map(({ layer, sha256 }) => [layer, sha256]) }),
  );
}

/** The part of it that is ours. */
async function makerOf(): Promise<string> {
  return canonicalJson([MAKER, await scriptDigest()]);
}

async function make(world: ImageWorld, inputs: ImageInputs): Promise<Result<Image>> {
  const packages = await packagesOf(world, inputs);
  if (!packages.ok) return packages;
  const made = await layersOf({ ...world, inputs, maker: await makerOf() }, packages.value);
  if (!made.ok) return made;
  const { layers, tree } = made.value;
  const key = await keyOf(inputs);
  const tag = tagOf(key);
  const withBash = [...layers, { blob: await bashLayer(tree), comment: '/bin/sh is bash' }];
  const described = [describeAs('builder', tag, inputs, layers), describeAs('builder', `${tag}-bash`, inputs, withBash)];
  const loaded = await load(loadingOf(world, inputs, made.value), described);
  if (!loaded.ok) return loaded;
  const [id, bashId] = loaded.value as [ImageId, ImageId];
  const image: Image = { key, id, bashId, locales: localesOf(packages.value), fakeTimeLibrary: fakeTimeLibrary(packages.value) };
  const written = await world.store.writeState(STATE, key, image);
  return written.ok ? ok(image) : written;
}

type Commented = { readonly blob: Blob; readonly comment: string };
type MakerWorld = ImageWorld & { readonly inputs: ImageInputs; readonly maker: string };

/** Layers so far. */
type Made = {
  readonly layers: readonly Commented[];
  readonly keys: readonly Sha256[]; // what they follow from
  readonly large: readonly Sha256[]; // those of them that other images may share
  readonly tree: RootTree; // what is in them, before the last configuration
};

/** Two layers for the base, and two more where there are packages to build with. */
async function layersOf(world: MakerWorld, packages: readonly Package[]): Promise<Result<Made>> {
  const base = packages.filter(({ locked }) => locked.layer === 'base');
  const build = packages.filter(({ locked }) => locked.layer === 'build');
  const first = planBase(base, world.inputs);
  if (!first.ok) return first;
  const bare = await configured(world, first.value, { what: 'base', layers: [], keys: [], large: [] });
  if (!bare.ok || build.length === 0) return bare;
  const below = new RootTree(bare.value.tree);
  const database = await putBelow(below, bare.value.configuration.open(), DATABASE);
  const second = planBuild(base, build, below, database, world.inputs);
  return second.ok ? configured(world, second.value, { ...bare.value, what: 'build' }) : second;
}

/** Adds the two layers of a plan: what is unpacked, and what its configuration changed. */
async function configured(
  world: MakerWorld,
  plan: Plan,
  { what, ...below }: Omit<Made, 'tree'> & { readonly what: 'base' | 'build' },
): Promise<Result<Made & { readonly configuration: Blob }>> {
  const { store, running, inputs, maker } = world;
  let { layers, keys, large } = below;
  if (plan.layer !== undefined) {
    const blob = await blobOf(store, plan.layer, running.signal);
    layers = [...layers, { blob, comment: `${what} packages, unpacked` }];
    keys = [...keys, plan.layer.key];
    large = [...large, blob.digest];
  }
  const configuration = await configurationOf(world, { plan, maker, below: keys }, async (tag) => {
    const description = describeAs('unpacked', tag, { ...inputs, imageEpoch: plan.epoch }, layers);
    const loaded = await load(loadingOf(world, inputs, { large }), [description]);
    return loaded.ok ? ok(loaded.value[0] as ImageId) : loaded;
  });
  if (!configuration.ok) return configuration;
  const { key, blob } = configuration.value;
  return ok({
    layers: [...layers, { blob, comment: `${what} packages, configured` }],
    keys: [...keys, key],
    large,
    tree: plan.tree,
    configuration: blob,
  });
}

function loadingOf({ engine, store, running }: ImageWorld, { packages }: ImageInputs, { large }: Pick<Made, 'large'>): Loading {
  return {
    engine,
    running,
    large,
    again: (missing) =>
      unpackMissing(
        store,
        packages.filter((each) => each.sha256 === missing),
        running,
      ),
  };
}

function describeAs(kind: string, tag: string, { architecture, imageEpoch }: ImageInputs, layers: readonly Commented[]): Description {
  return describe({
    name: `twinbuild/${kind}:${tag}`,
    architecture,
    createdSeconds: imageEpoch,
    labels: { [LABEL.owner]: OWNER, [LABEL.kind]: kind },
    layers,
  });
}

async function packagesOf({ store, running }: ImageWorld, inputs: ImageInputs): Promise<Result<readonly Package[]>> {
  const known = await unpackAll(store, inputs.packages, running);
  if (!known.ok) return known;
  const packages: Package[] = [];
  for (const locked of inputs.packages) {
    const unpacked = known.value.get(locked.sha256);
    if (unpacked === undefined) throw new Error(`${locked.name} was not unpacked.`);
    const read = readPackage(locked, unpacked);
    if (!read.ok) return read;
    packages.push(read.value);
  }
  return ok(packages);
}

/** One link above the finished image: /bin/sh as bash. */
async function bashLayer(tree: RootTree): Promise<Blob> {
  const shell = tree.nodes.get('usr/bin/sh');
  const folders = ['usr', 'usr/bin'].map((path) => tree.nodes.get(path) ?? bareFolder(path));
  const link = { ...bareFolder('usr/bin/sh'), type: 'symlink' as const, mode: 0o777, link: 'bash', mtimeSeconds: shell?.mtimeSeconds ?? 0 };
  return heldBlob(packTar([...folders, link].map((node) => ({ member: memberOf(node) }))));
}
