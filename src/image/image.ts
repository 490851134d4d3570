import { type Sha256, sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { type Engine, type ImageId, LABEL, OWNER } from '../docker/engine.ts';
import { packTar } from '../format/tar-write.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { type Blob, blobOf, heldBlob } from './blob.ts';
import { configurationBlob } from './configuration.ts';
import { scriptDigest } from './configure.ts';
import { type Description, describe } from './description.ts';
import { memberOf } from './layer.ts';
import { type Loading, load } from './load.ts';
import { bareFolder } from './node.ts';
import { type Package, readPackage } from './package.ts';
import { type Plan, planImage } from './plan.ts';
import type { Image } from './types.ts';
import { unpackAll, unpackMissing } from './unpacking.ts';

const MAKER = 2; // grows with every change of what an image holds for the same packages
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
 * Three layers: the base packages unpacked, the build packages unpacked, and what their configuration in a container changed; see
 * docs/image.md. Failures: build-failed (configure-failed, file-conflict), unverified-input (from a .deb), infrastructure.
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
  const image = (await store.readState(STATE, (await keyOf(inputs)).key)) as Image | undefined;
  if (image === undefined) return ok(undefined);
  const [plain, bash] = await Promise.all([engine.hasImage(image.id), engine.hasImage(image.bashId)]);
  if (!plain.ok) return plain;
  if (!bash.ok) return bash;
  return ok(plain.value && bash.value ? image : undefined);
}

/** What an image follows from; `maker` is the part that is ours. */
async function keyOf({ architecture, imageEpoch, packages }: ImageInputs): Promise<{ readonly key: Sha256; readonly maker: string }> {
  const maker = canonicalJson([MAKER, await scriptDigest()]);
  return {
    key: sha256(canonicalJson({ maker, architecture, imageEpoch, packages: packages.map(({ layer, sha256 }) => [layer, sha256]) })),
    maker,
  };
}

async function make(world: ImageWorld, inputs: ImageInputs): Promise<Result<Image>> {
  const { engine, store, running } = world;
  const planned = await planOf(world, inputs);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const { key, maker } = await keyOf(inputs);
  const tag = key.slice(0, 12);
  const description = (kind: string, suffix: string, layers: readonly Commented[]): Description =>
    describe({
      name: `twinbuild/${kind}:${tag}${suffix}`,
      architecture: inputs.architecture,
      createdSeconds: inputs.imageEpoch,
      labels: { [LABEL.owner]: OWNER, [LABEL.kind]: kind },
      layers,
    });

  const unpacked: Commented[] = [];
  for (const layer of plan.layers)
    unpacked.push({
      blob: await blobOf(store, layer, running.signal),
      comment: `${unpacked.length === 0 ? 'base' : 'build'} packages, unpacked`,
    });
  const loading: Loading = {
    engine,
    running,
    large: unpacked.map(({ blob }) => blob.digest),
    again: (missing) =>
      unpackMissing(
        store,
        inputs.packages.filter((each) => each.sha256 === missing),
        running,
      ),
  };
  const configuration = await configurationBlob(world, { plan, maker, imageEpoch: inputs.imageEpoch }, async () => {
    const loaded = await load(loading, [description('unpacked', '', unpacked)]);
    return loaded.ok ? ok(loaded.value[0] as ImageId) : loaded;
  });
  if (!configuration.ok) return configuration;

  const layers = [...unpacked, { blob: configuration.value, comment: 'configuration' }];
  const withBash = [...layers, { blob: await bashLayer(plan), comment: '/bin/sh is bash' }];
  const loaded = await load(loading, [description('builder', '', layers), description('builder', '-bash', withBash)]);
  if (!loaded.ok) return loaded;
  const [id, bashId] = loaded.value as [ImageId, ImageId];
  const image: Image = { key, id, bashId, locales: plan.locales, fakeTimeLibrary: plan.fakeTimeLibrary };
  const written = await store.writeState(STATE, key, image);
  return written.ok ? ok(image) : written;
}

type Commented = { readonly blob: Blob; readonly comment: string };

async function planOf({ store, running }: ImageWorld, inputs: ImageInputs): Promise<Result<Plan>> {
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
  return planImage(packages, inputs);
}

/** One link above the finished image: /bin/sh as bash. */
async function bashLayer(plan: Plan): Promise<Blob> {
  const shell = plan.tree.get('usr/bin/sh');
  const folders = ['usr', 'usr/bin'].map((path) => plan.tree.get(path) ?? bareFolder(path));
  const link = { ...bareFolder('usr/bin/sh'), type: 'symlink' as const, mode: 0o777, link: 'bash', mtimeSeconds: shell?.mtimeSeconds ?? 0 };
  return heldBlob(packTar([...folders, link].map((node) => ({ member: memberOf(node) }))));
}
