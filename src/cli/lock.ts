import { rename, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { verifyChain } from '../archive/chain.ts';
import { readArchive } from '../archive/read.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import { makeImage } from '../image/image.ts';
import type { ResolveOptions } from '../lock/bench.ts';
import { checkRefs } from '../lock/git.ts';
import { writeLock } from '../lock/lock.ts';
import { resolveLock } from '../lock/resolve.ts';
import type { Lock } from '../lock/types.ts';
import { listContainers, listRecipes } from '../recipe/find.ts';
import { failureText } from '../report/failure.ts';
import type { Store } from '../store/types.ts';
import { diskFailure } from './disk.ts';
import { holdSince } from './leases.ts';
import { failed } from './outcome.ts';
import { refsFor, refsOfOne } from './refs.ts';
import type { Outcome } from './run.ts';
import { anySubject, lockPath, nameOf, readLock, type Subject } from './subject.ts';
import { debianKeyring, fetchOptions, theEngine, theMirrors, theStore } from './tools.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

type LockOptions = { readonly check?: boolean; readonly ref?: readonly string[] };

/**
 * `twinbuild lock [RECIPE…]`: resolves recipes and containers and writes their locks; `--check` only says whether they are current. Without a name it does so for all
 * of the project, and goes on where one fails; what was never locked is then no failure.
 */
export async function lock(world: World, names: readonly string[], { check = false, ref = [] }: LockOptions): Promise<Outcome> {
  const all = names.length === 0;
  const wanted = all ? [...(await listRecipes(world.root)), ...(await listContainers(world.root))] : names;
  const done: { name: string; lock: string; packages: number }[] = [];
  const unlocked: string[] = [];
  const failures: Failure[] = [];
  const single = ref.length > 0 && names.length !== 1 ? fail(refsOfOne()) : ok();
  if (!single.ok) return failed(single.error);
  for (const name of wanted) {
    const ended = await lockNamed(world, name, { check, ref });
    if (ended.ok) {
      const path = relative(process.cwd(), lockPath(ended.value.subject));
      world.say(`${nameOf(ended.value.subject)}: ${path} ${check ? 'is current' : `has ${ended.value.lock.packages.length} packages`}\n`);
      done.push({ name: nameOf(ended.value.subject), lock: path, packages: ended.value.lock.packages.length });
    } else if (!all || ended.error.kind === 'interrupted' || ended.error.kind === 'terminated') return failed(ended.error);
    else if (isUnlocked(ended.error)) {
      world.running.tell({ kind: 'note', text: `${name}: ${ended.error.message}` });
      unlocked.push(name);
    } else failures.push(ended.error);
  }
  const json = { [check ? 'current' : 'locked']: done, unlocked };
  const [first, ...others] = failures;
  if (first === undefined) return { status: 0, json };
  for (const other of others) world.warn(failureText(other, world.paint));
  return failed(first, json);
}

/** What nobody has locked yet, or can lock without saying which commit. */
function isUnlocked({ reason }: Failure): boolean {
  return reason === 'lock-missing' || reason === 'git-ref-missing';
}

async function lockNamed(
  world: World,
  name: string,
  { check, ref }: Required<LockOptions>,
): Promise<Result<{ readonly subject: Subject; readonly lock: Lock }>> {
  const subject = await anySubject(world, name);
  if (!subject.ok) return subject;
  const refs = refsFor(subject.value, ref);
  if (!refs.ok) return refs;
  const ended = check ? await checkOne(world, subject.value) : await lockOne(world, subject.value, refs.value);
  return ended.ok ? ok({ subject: subject.value, lock: ended.value }) : ended;
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

async function lockOne(world: World, subject: Subject, refs: ReadonlyMap<string, string>): Promise<Result<Lock>> {
  const known = subject.kind === 'recipe' ? checkRefs(subject.recipe, refs) : ok();
  if (!known.ok) return known;
  const store = await theStore(world);
  if (!store.ok) return store;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;
  const resolved = await resolveSubject(world, subject, { store: store.value, engine: engine.value, refs });
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

/** What resolving takes, and which commits git sources shall have in place of those that the recipe says. */
export type Bench = { readonly store: Store; readonly engine: Engine } & Pick<ResolveOptions, 'refs' | 'pinned'>;

/** Resolves a recipe or a container against the signed archive as it is now. */
export async function resolveSubject(world: World, subject: Subject, { store, engine, refs, pinned }: Bench): Promise<Result<Lock>> {
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
    ...(refs === undefined ? {} : { refs }),
    ...(pinned === undefined ? {} : { pinned }),
    makeBase: (base) => makeImage({ engine, store, running: world.running }, base),
  });
}
