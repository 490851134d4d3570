import { rename, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { verifyChain } from '../archive/chain.ts';
import { readArchive } from '../archive/read.ts';
import { ok, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import { makeImage } from '../image/image.ts';
import { writeLock } from '../lock/lock.ts';
import { resolveLock } from '../lock/resolve.ts';
import type { Lock } from '../lock/types.ts';
import { listContainers, listRecipes } from '../recipe/find.ts';
import type { Store } from '../store/types.ts';
import { diskFailure } from './disk.ts';
import { holdSince } from './leases.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { anySubject, lockPath, nameOf, readLock, type Subject } from './subject.ts';
import { debianKeyring, fetchOptions, theEngine, theMirrors, theStore } from './tools.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** `twinbuild lock [RECIPE…]`: resolves recipes and containers (all of the project when none is named); `--check` only says whether their locks are current. */
export async function lock(world: World, names: readonly string[], { check = false }: { readonly check?: boolean }): Promise<Outcome> {
  const wanted = names.length > 0 ? names : [...(await listRecipes(world.root)), ...(await listContainers(world.root))];
  const done: { name: string; lock: string; packages: number }[] = [];
  for (const name of wanted) {
    const subject = await anySubject(world, name);
    if (!subject.ok) return failed(subject.error);
    const ended = check ? await checkOne(world, subject.value) : await lockOne(world, subject.value);
    if (!ended.ok) return failed(ended.error);
    const path = relative(process.cwd(), lockPath(subject.value));
    world.say(`${nameOf(subject.value)}: ${path} ${check ? 'is current' : `has ${ended.value.packages.length} packages`}\n`);
    done.push({ name: nameOf(subject.value), lock: path, packages: ended.value.packages.length });
  }
  return { status: 0, json: { [check ? 'current' : 'locked']: done } };
}

/** Whether a lock belongs to its recipe and, as far as the store has the signed lists, whether a keyring vouches for every package in it. */
async function checkOne(world: World, subject: Subject): Promise<Result<Lock>> {
  const found = await readLock(world, subject);
  if (!found.ok) return found;
  const store = await theStore(world);
  if (!store.ok) return store;
  const keyring = await debianKeyring();
  if (!keyring.ok) return keyring;
  const chain = await verifyChain(found.value.lock, store.value, { debian: keyring.value, container: subject.container });
  if (!chain.ok) return chain;
  if (chain.value === 'not-in-store')
    world.running.tell({
      kind: 'note',
      text: `the signed lists of ${nameOf(subject)}'s lock are not in the store: its signatures were not checked again`,
    });
  return ok(found.value.lock);
}

async function lockOne(world: World, subject: Subject): Promise<Result<Lock>> {
  const store = await theStore(world);
  if (!store.ok) return store;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;
  const resolved = await resolveSubject(world, subject, { store: store.value, engine: engine.value });
  if (!resolved.ok) return resolved;
  const path = lockPath(subject);
  const temporary = `${path}.${world.runId}.tmp`;
  try {
    await writeFile(temporary, writeLock(resolved.value));
    await rename(temporary, path);
  } catch (error) {
    return { ok: false, error: diskFailure(path, error) };
  } finally {
    await rm(temporary, { force: true });
  }
  return resolved;
}

/** Resolves a recipe or a container against the signed archive as it is now. */
export async function resolveSubject(
  world: World,
  subject: Subject,
  { store, engine }: { readonly store: Store; readonly engine: Engine },
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
  });
  if (!index.ok) return index;
  return resolveLock({
    subject,
    index: index.value,
    mirrors: mirrors.value,
    store,
    engine,
    running: world.running,
    fetch: options,
    toolVersion: VERSION,
    makeBase: (base) => makeImage({ engine, store, running: world.running }, base),
  });
}
