import { type Sha256, sha256, sha256Of } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { type Failure, fail, failureOf, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { type Engine, type ImageId, LABEL, OWNER } from '../docker/engine.ts';
import { packTar } from '../format/tar-write.ts';
import type { LockedPackage } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { asMeasure, type Blob, blobOf, heldBlob } from './blob.ts';
import { configured, scriptDigest } from './configure.ts';
import { deltaInputs, settle } from './delta.ts';
import { type Description, describe } from './description.ts';
import { memberOf } from './layer.ts';
import { load } from './load.ts';
import { bareFolder } from './node.ts';
import { type Package, readPackage } from './package.ts';
import { type Plan, planImage } from './plan.ts';
import type { Image } from './types.ts';
import { unpackAll, unpackMissing } from './unpacking.ts';

const MAKER = 1; // grows with every change of what an image holds for the same packages
const STATE = 'image';
const DELTA = 'image-delta-1';

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
  const script = await scriptDigest();
  const key = sha256(
    canonicalJson({
      maker: MAKER,
      script,
      architecture: inputs.architecture,
      imageEpoch: inputs.imageEpoch,
      packages: inputs.packages.map((each) => [each.layer, each.sha256]),
    }),
  );
  const present = await findImage(world, key);
  if (!present.ok || present.value !== undefined) return present as Result<Image>;
  try {
    return await make(world, inputs, key, script);
  } catch (error) {
    return fail(failureOf(error));
  }
}

/** The image that this key gave before, when the engine still has it. */
async function findImage({ engine, store }: ImageWorld, key: Sha256): Promise<Result<Image | undefined>> {
  const image = (await store.readState(STATE, key)) as Image | undefined;
  if (image === undefined) return ok(undefined);
  const [plain, bash] = await Promise.all([engine.hasImage(image.id), engine.hasImage(image.bashId)]);
  if (!plain.ok) return plain;
  if (!bash.ok) return bash;
  return ok(plain.value && bash.value ? image : undefined);
}

async function make(world: ImageWorld, inputs: ImageInputs, key: Sha256, script: Sha256): Promise<Result<Image>> {
  const { engine, store, running } = world;
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
  const planned = planImage(packages, inputs);
  if (!planned.ok) return planned;
  const plan = planned.value;
  const short = key.slice(0, 12);
  const description = (kind: string, tag: string, layers: readonly Commented[]): Description =>
    describe({
      name: `twinbuild/${kind}:${tag}`,
      architecture: inputs.architecture,
      createdSeconds: inputs.imageEpoch,
      labels: { [LABEL.owner]: OWNER, [LABEL.kind]: kind },
      layers,
    });
  const again = (missing: Sha256) =>
    unpackMissing(
      store,
      inputs.packages.filter((each) => each.sha256 === missing),
      running,
    );

  const unpacked: Commented[] = [];
  for (const layer of plan.layers)
    unpacked.push({
      blob: await blobOf(store, layer, running.signal),
      comment: unpacked.length === 0 ? 'base packages, unpacked' : 'build packages, unpacked',
    });
  const large = unpacked.map(({ blob }) => blob.digest);

  const deltaKey = sha256(
    canonicalJson({
      maker: MAKER,
      script,
      imageEpoch: inputs.imageEpoch,
      layers: plan.layers.map((each) => each.key),
      late: plan.late.map(({ locked }) => locked.sha256),
      steps: plan.steps,
    }),
  );
  let delta = await keptDelta(store, deltaKey);
  if (delta === undefined) {
    const loaded = await load({ engine, running, again }, [description('unpacked', short, unpacked)], large);
    if (!loaded.ok) return loaded;
    running.tell({ kind: 'stage', text: `configuring ${packages.length} packages` });
    const made = await configured(world, loaded.value[0] as ImageId, plan, {
      imageEpoch: inputs.imageEpoch,
      use: (result) => keepDelta(store, deltaKey, plan, inputs.imageEpoch, result),
    });
    if (!made.ok) return made;
    delta = await keptDelta(store, deltaKey);
  }
  if (delta === undefined) return fail(vanished());

  const layers = [...unpacked, { blob: delta, comment: 'configuration' }];
  const withBash = [...layers, { blob: await bashLayer(plan), comment: '/bin/sh is bash' }];
  const loaded = await load(
    { engine, running, again },
    [description('builder', short, layers), description('builder', `${short}-bash`, withBash)],
    large,
  );
  if (!loaded.ok) return loaded;
  const [id, bashId] = loaded.value as [ImageId, ImageId];
  const image: Image = { key, id, bashId, locales: plan.locales, fakeTimeLibrary: plan.fakeTimeLibrary };
  const written = await store.writeState(STATE, key, image);
  return written.ok ? ok(image) : written;
}

type Commented = { readonly blob: Blob; readonly comment: string };

/** The configuration's layer as the store has it from before. */
async function keptDelta(store: Store, key: Sha256): Promise<Blob | undefined> {
  const bytes = await store.readDerived(DELTA, key);
  const measure = asMeasure(await store.readState(DELTA, key));
  if (bytes === undefined || measure === undefined) return undefined;
  for await (const _piece of bytes) break; // verified already; only lets go of the file
  return { ...measure, open: () => derived(store, key) };
}

async function* derived(store: Store, key: Sha256): AsyncGenerator<Uint8Array> {
  const bytes = await store.readDerived(DELTA, key);
  if (bytes !== undefined) yield* bytes; // else the tar around it is too short, and says so
}

/** Reads what the configuration changed twice from the container: once to see what counts, once to keep that. */
async function keepDelta(
  store: Store,
  key: Sha256,
  plan: Plan,
  imageEpoch: number,
  result: Parameters<Parameters<typeof configured>[3]['use']>[0],
): Promise<Result<void>> {
  const delta = await settle(result.changed(), result.deleted, plan.tree);
  const kept = await store.addDerived(DELTA, key, packTar(deltaInputs(result.changed(), delta, imageEpoch)));
  if (!kept.ok) return kept;
  const bytes = await store.readDerived(DELTA, key);
  return bytes === undefined ? fail(vanished()) : store.writeState(DELTA, key, await sha256Of(bytes));
}

/** One link above the finished image: /bin/sh as bash. */
async function bashLayer(plan: Plan): Promise<Blob> {
  const shell = plan.tree.get('usr/bin/sh');
  const folders = ['usr', 'usr/bin'].map((path) => plan.tree.get(path) ?? bareFolder(path));
  const link = { ...bareFolder('usr/bin/sh'), type: 'symlink' as const, mode: 0o777, link: 'bash', mtimeSeconds: shell?.mtimeSeconds ?? 0 };
  return heldBlob(packTar([...folders, link].map((node) => ({ member: memberOf(node) }))));
}

function vanished(): Failure {
  return {
    kind: 'infrastructure',
    reason: 'store-derived-lost',
    message: 'The configuration of the image vanished from the store.',
    next: 'Run the command again; look at the disk when it happens twice.',
  };
}
