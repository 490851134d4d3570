import { type Failure, ok, type Result } from '../base/result.ts';
import type { Engine } from '../docker/engine.ts';
import type { Lock } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import { fetchLocked, type Part } from './inputs.ts';
import { type Filled, type FoundLock, nameOf, type Subject } from './subject.ts';
import { debianKeyring, fetchOptions, theMirrors } from './tools.ts';
import type { World } from './world.ts';

/** Puts the files of a lock into the store; when one is gone everywhere and that was allowed, resolves the lock anew for this run. */
export async function fill(
  world: World,
  subject: Subject,
  found: FoundLock,
  {
    part,
    relockIfGone,
    store,
    engine,
  }: { readonly part: Part; readonly relockIfGone: boolean; readonly store: Store; readonly engine: () => Promise<Result<Engine>> },
): Promise<Result<Filled>> {
  const files = await fetchLocked(world, subject, found.lock, part, store);
  const fetched = files.ok && part !== 'packages' && hasTrees(found.lock) ? await fetchGit() : files;
  if (fetched.ok) return ok({ ...found, resolvedAnew: undefined });
  if (fetched.error.reason !== 'file-gone') return fetched;
  const listed = await stillListed(world, subject, found, fetched.error, store);
  if (listed.reason !== 'file-gone') return { ok: false, error: listed };
  if (!relockIfGone) {
    return {
      ok: false,
      error: {
        ...fetched.error,
        next: isDerived(subject)
          ? 'Run it again with --relock to take the archive as it is now, or set TWINBUILD_MIRROR to a mirror that has it.'
          : `Resolve it anew with \`twinbuild lock ${nameOf(subject)}\` and commit that, set TWINBUILD_MIRROR to a mirror that has it, or pass --relock-if-gone for this run only.`,
      },
    };
  }
  const opened = await engine();
  if (!opened.ok) return opened;
  const { relock } = await import('./relock.ts');
  return relock(world, subject, found, fetched.error, { store, engine: opened.value });

  async function fetchGit(): Promise<Result<void>> {
    const { fetchTrees } = await import('./trees.ts');
    return fetchTrees(world, subject, found.lock, { store, engine });
  }
}

function hasTrees({ sources }: Lock): boolean {
  return sources.some(({ kind }) => kind === 'git');
}

/** What is gone although the archive lists it at this moment never was there: no new lock brings it back. */
async function stillListed(world: World, subject: Subject, { lock }: FoundLock, failure: Failure, store: Store): Promise<Failure> {
  const [locked] = lock.sources;
  if (subject.kind !== 'recipe' || subject.derived?.target.kind !== 'source' || locked?.kind !== 'debian') return failure;
  const [{ readArchive }, { missingSource }] = await Promise.all([import('../archive/read.ts'), import('../lock/missing.ts')]);
  const mirrors = await theMirrors(world);
  const keyring = await debianKeyring();
  if (!mirrors.ok || !keyring.ok) return failure;
  const fetch = fetchOptions(world);
  const { recipe, container } = subject;
  const nowSeconds = Math.floor(world.nowMs() / 1000);
  const index = await readArchive({ container, store, mirrors: mirrors.value, keyring: keyring.value, fetch, nowSeconds });
  if (!index.ok) return failure;
  const sources = recipe.sources.map((source) => (source.kind === 'debian' ? { ...source, version: locked.version } : source));
  return missingSource({ ...recipe, sources }, failure, { index: index.value, mirrors: mirrors.value, store, fetch });
}

function isDerived(subject: Subject): boolean {
  return subject.kind === 'recipe' && subject.derived !== undefined;
}
