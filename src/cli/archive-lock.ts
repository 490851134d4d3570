import { sha256 } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { fail, type Result } from '../base/result.ts';
import { makeImage } from '../image/image.ts';
import { parseLock, writeLock } from '../lock/lock.ts';
import { missingSource } from '../lock/missing.ts';
import { resolveLock } from '../lock/resolve.ts';
import type { Lock } from '../lock/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { ArchiveTools } from './published-source.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

const STATE = 'verify-lock';

/** A lock of what is needed to build a source as the archive is now; kept, as the solver takes its time. */
export async function archiveLock(world: World, recipe: Recipe, tools: ArchiveTools): Promise<Result<Lock>> {
  const { store, engine, index, mirrors, fetch, container } = tools;
  const key = sha256(
    canonicalJson([VERSION, recipe.digest, container.digest, container.packages, index.suites.map(({ inRelease }) => inRelease)]),
  );
  const kept = (await store.readState(STATE, key)) as { text?: unknown } | undefined;
  const known = typeof kept?.text === 'string' ? parseLock({ name: 'the kept lock', text: kept.text }) : undefined;
  if (known?.ok) return known;
  const { running } = world;
  const lock = await resolveLock({
    subject: { kind: 'recipe', recipe, container },
    index,
    mirrors,
    store,
    engine,
    running,
    fetch,
    toolVersion: VERSION,
    makeBase: (base) => makeImage({ engine, store, running }, base),
  });
  if (!lock.ok) return fail(await missingSource(recipe, lock.error, tools));
  const written = await store.writeState(STATE, key, { text: writeLock(lock.value) });
  return written.ok ? lock : written;
}
