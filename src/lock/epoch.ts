import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { newestEntry } from '../control/changelog.ts';
import { placeIn } from '../recipe/place.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Packaging } from './packaging.ts';

/**
 * SOURCE_DATE_EPOCH of a recipe's builds, in seconds since 1970-01-01T00:00:00Z.
 *
 * @param packagings of the sources, in the order in which they are laid into the tree: what comes later lies over what came before
 */
export function epochOf(recipe: Pick<Recipe, 'epoch' | 'file'>, packagings: readonly Packaging[]): Result<number> {
  const { epoch } = recipe;
  const missing = (message: string): Result<never> => {
    const failure: Failure = {
      kind: 'usage',
      reason: 'no-epoch',
      message,
      next: 'Give the recipe an `epoch` with `fixed`.',
      ...placeIn(recipe, ['epoch']),
    };
    return fail(failure);
  };
  switch (epoch.kind) {
    case 'fixed':
      return ok(epoch.seconds);
    case 'changelog': {
      const changelog = packagings.findLast((one) => one.changelog !== undefined)?.changelog;
      if (changelog === undefined) return missing('The epoch is that of the changelog, but no source has a debian/changelog');
      const entry = newestEntry(changelog);
      return entry.ok ? ok(entry.value.epochSeconds) : entry;
    }
    case 'newest-source': {
      const dates = packagings.flatMap(({ newestSeconds }) => newestSeconds ?? []);
      return dates.length > 0
        ? ok(Math.max(...dates))
        : missing('The epoch is that of the newest source, but no source is an archive with dates in it');
    }
    default:
      return epoch satisfies never;
  }
}
