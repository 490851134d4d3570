import { rename, rm, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { verifyChain } from '../archive/chain.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { checkRefs } from '../lock/git.ts';
import { writeLock } from '../lock/lock.ts';
import type { Lock } from '../lock/types.ts';
import { listContainers, listRecipes } from '../recipe/find.ts';
import { failureText } from '../report/failure.ts';
import { lockFor } from './derived-lock.ts';
import { diskFailure } from './disk.ts';
import { failed } from './outcome.ts';
import { refsFor, refsOfOne } from './refs.ts';
import { resolveSubject } from './resolve.ts';
import type { Outcome } from './run.ts';
import { earlierLock, lockPath, nameOf, readLock, type Subject } from './subject.ts';
import { targetText } from './target.ts';
import { type AskedTarget, subjectOf, type TargetVerbOptions, theTargets } from './targets.ts';
import { debianKeyring, theEngine, theStore } from './tools.ts';
import type { World } from './world.ts';

type LockOptions = TargetVerbOptions & { readonly check?: boolean; readonly ref?: readonly string[]; readonly sameArchive?: boolean };

/**
 * `twinbuild lock [TARGET…]`: resolves recipes and containers and writes their locks; `--check` only says whether they are current. Without a target it does so for all
 * of the project, and goes on where one fails; what was never locked is then no failure.
 */
export async function lock(world: World, words: readonly string[], options: LockOptions): Promise<Outcome> {
  const { check = false, ref = [], sameArchive = false } = options;
  const targets = await lockTargets(world, words, options);
  if (!targets.ok) return failed(targets.error);
  const all = words.length === 0 && targets.value.length > 1;
  const done: { name: string; lock: string; packages: number }[] = [];
  const unlocked: string[] = [];
  const failures: Failure[] = [];
  for (const target of targets.value) {
    const ended = await lockTarget(world, target, { check, ref, sameArchive });
    if (ended.ok) {
      const { name, path, packages } = entryOf(ended.value);
      world.say(`${name}: ${path} ${check ? 'is current' : `has ${packages} packages`}\n`);
      done.push({ name, lock: path, packages });
    } else if (!all || isStopped(ended.error)) return failed(ended.error);
    else if (isUnlocked(ended.error)) {
      world.running.tell({ kind: 'note', text: `${targetText(target.target)}: ${ended.error.message}` });
      unlocked.push(targetText(target.target));
    } else failures.push(ended.error);
  }
  const json = { [check ? 'current' : 'locked']: done, unlocked };
  const [first, ...others] = failures;
  if (first === undefined) return { status: 0, json };
  for (const other of others) world.warn(failureText(other, world.paint));
  return failed(first, json);
}

function isStopped({ kind }: Failure): boolean {
  return kind === 'interrupted' || kind === 'terminated';
}

function entryOf({ subject, lock: { packages } }: { readonly subject: Subject; readonly lock: Lock }) {
  return { name: nameOf(subject), path: relative(process.cwd(), lockPath(subject)), packages: packages.length };
}

async function lockTargets(world: World, words: readonly string[], options: LockOptions): Promise<Result<readonly AskedTarget[]>> {
  const usual = [...(await listRecipes(world.root)), ...(await listContainers(world.root))];
  const targets = await theTargets(world, words, options, usual);
  const several = words.length !== 1 || (targets.ok && targets.value.length !== 1);
  return targets.ok && options.ref && several ? fail(refsOfOne()) : targets;
}

/** What nobody has locked yet, or can lock without saying which commit. */
function isUnlocked({ reason }: Failure): boolean {
  return reason === 'lock-missing' || reason === 'git-ref-missing';
}

async function lockTarget(
  world: World,
  target: AskedTarget,
  { check, ref, sameArchive }: { readonly check: boolean; readonly ref: readonly string[]; readonly sameArchive: boolean },
): Promise<Result<{ readonly subject: Subject; readonly lock: Lock }>> {
  const subject = await subjectOf(world, target);
  if (!subject.ok) return subject;
  const refs = refsFor(subject.value, ref);
  if (!refs.ok) return refs;
  const ended = check ? await checkOne(world, subject.value) : await lockOne(world, subject.value, { refs: refs.value, sameArchive });
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

function sameArchiveDerived(): Failure {
  return {
    kind: 'usage',
    reason: 'same-archive-derived',
    message: 'A recipe that nobody wrote has no lock from before: what changed has another one',
    next: 'Write the recipe down with `twinbuild init`, then its lock can keep to one day of the archive.',
  };
}

type LockOne = { readonly refs: ReadonlyMap<string, string>; readonly sameArchive: boolean };

async function lockOne(world: World, subject: Subject, { refs, sameArchive }: LockOne): Promise<Result<Lock>> {
  if (subject.kind === 'recipe' && subject.derived) {
    if (sameArchive) return fail(sameArchiveDerived());
    const anew = await lockFor(world, subject, { relock: true });
    return anew.ok ? ok(anew.value.lock) : anew;
  }
  const known = subject.kind === 'recipe' ? checkRefs(subject.recipe, refs) : ok();
  if (!known.ok) return known;
  const store = await theStore(world);
  if (!store.ok) return store;
  const engine = await theEngine(world);
  if (!engine.ok) return engine;
  const before = sameArchive ? await earlierLock(world, subject) : ok(undefined);
  if (!before.ok) return before;
  const suites = before.value?.suites;
  const resolved = await resolveSubject(world, subject, { store: store.value, engine: engine.value, refs, ...(suites ? { suites } : {}) });
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
