import { type Sha256, sha256, sha256Of } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Engine, ImageId } from '../docker/engine.ts';
import { packTar } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import { asMeasure, type Blob } from './blob.ts';
import { type Configured, configured } from './configure.ts';
import { deltaInputs, settle } from './delta.ts';
import type { Plan } from './plan.ts';

const KIND = 'image-delta-1'; // of the derived file and of its state; the number changes with the form

/** The layer that a configuration made, and what it follows from. */
export type Configuration = { readonly key: Sha256; readonly blob: Blob };

type World = { readonly engine: Engine; readonly store: Store; readonly running: Running };
type Wanted = { readonly plan: Plan; readonly maker: string; readonly below: readonly Sha256[] }; // below: what the layers under the configuration follow from

/**
 * The layer that configuration makes, from the store when these layers were configured before.
 *
 * @param unconfigured loads the image that has those layers, under a tag; asked for only when a container is needed
 */
export async function configurationOf(
  world: World,
  wanted: Wanted,
  unconfigured: (tag: string) => Promise<Result<ImageId>>,
): Promise<Result<Configuration>> {
  const { plan, maker, below } = wanted;
  const { store, running } = world;
  const late = plan.late.map(({ locked }) => locked.sha256);
  const key = sha256(canonicalJson({ maker, epoch: plan.epoch, below, late, steps: plan.steps }));
  const before = await kept(store, key);
  if (before !== undefined) return ok(before);
  const image = await unconfigured(key.slice(0, 12));
  if (!image.ok) return image;
  running.tell({ kind: 'stage', text: 'configuring the packages' });
  const made = await configured(world, image.value, plan, (result) => keep(store, key, wanted, result));
  if (!made.ok) return made;
  const after = await kept(store, key);
  return after === undefined ? fail(vanished()) : ok(after);
}

async function kept(store: Store, key: Sha256): Promise<Configuration | undefined> {
  const measure = asMeasure(await store.readState(KIND, key));
  if (measure === undefined) return undefined;
  const bytes = await store.readDerived(KIND, key);
  if (bytes === undefined) return undefined;
  for await (const _piece of bytes) break; // verified already; this only lets go of the file
  return { key, blob: { ...measure, open: () => derived(store, key) } };
}

async function* derived(store: Store, key: Sha256): AsyncGenerator<Uint8Array> {
  const bytes = await store.readDerived(KIND, key);
  if (bytes !== undefined) yield* bytes; // else the tar around it is too short, and says so
}

/** Reads what the configuration changed twice from the container: once to see what counts, once to keep that. */
async function keep(store: Store, key: Sha256, { plan }: Wanted, result: Configured): Promise<Result<void>> {
  const delta = await settle(result.changed(), result.deleted, plan.tree.nodes);
  const added = await store.addDerived(KIND, key, packTar(deltaInputs(result.changed(), delta, plan.epoch)));
  if (!added.ok) return added;
  const bytes = await store.readDerived(KIND, key);
  return bytes === undefined ? fail(vanished()) : store.writeState(KIND, key, await sha256Of(bytes));
}

function vanished(): Failure {
  return {
    kind: 'infrastructure',
    reason: 'store-derived-lost',
    message: 'The configuration of the image vanished from the store.',
    next: 'Run the command again; look at the disk when it happens twice.',
  };
}
