import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sha256 } from '../base/digest.ts';
import { type Failure, ok, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import { writeLock } from '../lock/lock.ts';
import type { Store } from '../store/types.ts';
import { diskFailure } from './disk.ts';
import { fetchLocked } from './inputs.ts';
import { resultsPath } from './output.ts';
import { resolveSubject } from './resolve.ts';
import { type Filled, type FoundLock, intactLock, nameOf, resultsWorld, type Subject } from './subject.ts';
import { fetchTrees } from './trees.ts';
import type { World } from './world.ts';

const STATE = 'relock'; // by digest of the committed lock's text: the text of the one that took its place

/**
 * Resolves a lock anew because a file of the committed one is gone everywhere. The new lock is kept in `out/`, never in the tree, and said
 * aloud. A second run takes the same one as long as the store has all of its files.
 */
export async function relock(
  world: World,
  subject: Subject,
  found: FoundLock,
  gone: Failure,
  tools: { readonly store: Store; readonly engine: Engine },
): Promise<Result<Filled>> {
  const name = nameOf(subject);
  const why = `${gone.message}, therefore the lock of ${name} was resolved anew for this run`;
  const kept = join(resultsOf(world, subject), subject.kind === 'recipe' ? 'recipe.lock' : 'container.lock');
  const shown = relative(world.root, kept);
  const earlier = await keptLock(tools.store, found, subject, shown);
  if (earlier) {
    const offline = { ...world, offline: true };
    const files = await fetchLocked(offline, subject, earlier.lock, 'all', tools.store);
    const there = files.ok
      ? await fetchTrees(offline, subject, earlier.lock, { store: tools.store, engine: async () => ok(tools.engine) })
      : files;
    if (there.ok) return announce(world, subject, { kept, shown, why }, earlier);
  }
  world.running.tell({ kind: 'warning', text: `${gone.message}; resolving the lock of ${name} anew` });
  for (const detail of gone.details ?? []) world.running.tell({ kind: 'note', text: `  ${detail}` });
  const resolved = await resolveSubject(world, subject, { ...tools, pinned: found.lock.sources });
  if (!resolved.ok) return resolved;
  const text = writeLock(resolved.value);
  const fetched = await fetchLocked(world, subject, resolved.value, 'all', tools.store);
  if (!fetched.ok) return fetched;
  const noted = await tools.store.writeState(STATE, found.digest, { text });
  if (!noted.ok) return noted;
  return announce(world, subject, { kept, shown, why }, { lock: resolved.value, digest: sha256(text) });
}

/** Where the results of a run lie; a container has none, and a folder for its lock alone. */
function resultsOf(world: World, subject: Subject): string {
  return subject.kind === 'recipe'
    ? resultsPath(resultsWorld(world, subject), subject.recipe.name)
    : join(world.root, 'out', nameOf(subject));
}

/** The lock that took this one's place in an earlier run, if it is intact and still belongs to the recipe. */
async function keptLock(store: Store, found: FoundLock, subject: Subject, shown: string): Promise<FoundLock | undefined> {
  const state = await store.readState(STATE, found.digest);
  if (typeof state !== 'object' || state === null || !('text' in state) || typeof state.text !== 'string') return undefined;
  const lock = intactLock({ name: shown, text: state.text }, subject);
  return lock.ok ? lock.value : undefined;
}

async function announce(
  world: World,
  subject: Subject,
  { kept, shown, why }: { readonly kept: string; readonly shown: string; readonly why: string },
  lock: FoundLock,
): Promise<Result<Filled>> {
  try {
    await mkdir(join(kept, '..'), { recursive: true });
    await writeFile(kept, writeLock(lock.lock));
  } catch (error) {
    return { ok: false, error: diskFailure(kept, error) };
  }
  const which = subject.kind === 'recipe' && subject.derived ? 'kept' : 'committed';
  world.say(`NOT the ${which} lock: ${why}; it is ${shown}, the ${which} one is unchanged\n`);
  return ok({ ...lock, resolvedAnew: why });
}
