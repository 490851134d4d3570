import { readFile } from 'node:fs/promises';
import { sha256 } from '../base/digest.ts';
import type { Location } from '../base/location.ts';
import { canonicalJson } from '../base/order.ts';
import { ok, type Result } from '../base/result.ts';
import type { ItemOptions, QueueItem } from '../queue/types.ts';
import { targetSubject } from './derive.ts';
import { folderName, type ListEntry } from './many-list.ts';
import type { ManyOptions } from './many-options.ts';
import { resultName, shortName } from './result-name.ts';
import { type BuildSettings, buildSettings } from './settings.ts';
import { lockPath, type RecipeSubject } from './subject.ts';
import type { Target } from './target.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** A package of a list, ready to be tried. */
export type ManyItem = QueueItem & {
  readonly derived: boolean; // its lock is made on the way, and kept for later
  readonly lock: string | undefined; // digest of the lock that it has now, when it has one
  readonly read: () => Promise<Result<RecipeSubject>>;
  readonly at: Location | undefined; // in its list, when that is a file
};

/** What a list's packages are, each under a key that changes when anything changes that it is built from or with. */
export async function manyItems(
  world: World,
  entries: readonly ListEntry[],
  options: Omit<ManyOptions, 'timeLimit'> & { readonly timeLimitSeconds: number | undefined }, // the limit of those whose line has none
): Promise<Result<readonly ManyItem[]>> {
  const taken = new Map<string, string>();
  const items: ManyItem[] = [];
  for (const { target, text, options: own, at } of entries) {
    const timeLimitSeconds = own.timeLimitSeconds ?? options.timeLimitSeconds;
    const settings = settingsOf(world, target, own, options);
    if (!settings.ok) return settings;
    const read = () => targetSubject(world, target, settings.value);
    const subject = await read(); // one that cannot be read fails when its turn comes
    const lock = subject.ok ? await readFile(lockPath(subject.value)).catch(() => undefined) : undefined;
    const lockDigest = lock && sha256(lock);
    const key = sha256(
      canonicalJson({
        twinbuild: VERSION,
        target,
        settings: settings.value,
        recipe: subject.ok ? subject.value.recipe.digest : null,
        // That of a source without a recipe is made on the way: it is compared later, with the one that was used.
        lock: target.kind === 'recipe' ? (lockDigest ?? null) : null,
        as: options.as ?? null,
        vary: [...(options.vary ?? []), ...(own.vary ?? [])],
        skip: [...(options.skip ?? []), ...(own.skip ?? [])],
      }),
    );
    items.push({
      key,
      name: resultName(folderName(shortName(target)), target, taken),
      target: text,
      kind: own.kind ?? null,
      options: timeLimitSeconds === undefined ? own : { ...own, timeLimitSeconds },
      at,
      derived: target.kind !== 'recipe',
      lock: lockDigest,
      read,
    });
  }
  return ok(items);
}

/** How a package of the list is built: what its line says goes before the command line. A recipe heeds its own line only. */
function settingsOf(world: World, target: Target, own: ItemOptions, options: Omit<ManyOptions, 'timeLimit'>): Result<BuildSettings> {
  const { container, profile, archAny, archAll, binnmu } = options;
  const asked = target.kind === 'recipe' ? {} : { container, profile, archAny, archAll, binnmu };
  const said = {
    ...asked,
    ...(own.container === undefined ? {} : { container: own.container }),
    ...(own.profiles === undefined ? {} : { profile: own.profiles }),
    ...(own.build === undefined ? {} : { archAny: own.build !== 'all', archAll: own.build !== 'any' }),
  };
  const settings = buildSettings(world, Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)));
  if (!settings.ok || own.buildOptions === undefined) return settings;
  return ok({ ...settings.value, buildOptions: own.buildOptions });
}
