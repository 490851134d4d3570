import { readArchive } from '../archive/read.ts';
import { fail, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import { makeImage } from '../image/image.ts';
import type { ResolveOptions } from '../lock/bench.ts';
import { missingSource } from '../lock/missing.ts';
import { resolveLock } from '../lock/resolve.ts';
import type { Lock, LockedSuite } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { holdSince } from './leases.ts';
import { nameOf, type Subject } from './subject.ts';
import { debianKeyring, fetchOptions, theMirrors } from './tools.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** What resolving takes, and which commits git sources shall have in place of those that the recipe says. */
export type Bench = { readonly store: Store; readonly engine: Engine } & Pick<ResolveOptions, 'refs' | 'pinned'> & {
    readonly suites?: readonly LockedSuite[]; // the archive as it was for a lock; left out: as it is now
  };

/** Resolves a recipe or a container against the signed archive. */
export async function resolveSubject(
  world: World,
  subject: Subject,
  { store, engine, refs, pinned, suites }: Bench,
): Promise<Result<Lock>> {
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return mirrors;
  const keyring = await debianKeyring();
  if (!keyring.ok) return keyring;
  using held = holdSince(world);
  const since = await held.begin();
  if (!since.ok) return since;
  world.running.tell({ kind: 'stage', text: `reading the archive for ${nameOf(subject)}` });
  const options = fetchOptions(world);
  const index = await readArchive({
    container: subject.container,
    store,
    mirrors: mirrors.value,
    keyring: keyring.value,
    fetch: options,
    nowSeconds: Math.floor(world.nowMs() / 1000),
    ...(suites === undefined ? {} : { locked: suites }),
  });
  if (!index.ok) return index;
  const lock = await resolveLock({
    subject,
    index: index.value,
    mirrors: mirrors.value,
    store,
    engine,
    running: world.running,
    fetch: options,
    toolVersion: VERSION,
    ...(refs === undefined ? {} : { refs }),
    ...(pinned === undefined ? {} : { pinned }),
    makeBase: (base) => makeImage({ engine, store, running: world.running }, base),
  });
  if (lock.ok || subject.kind !== 'recipe' || suites !== undefined) return lock;
  return fail(await missingSource(subject.recipe, lock.error, { index: index.value, mirrors: mirrors.value, store, fetch: options }));
}
