import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { matchesArchitecture } from '../control/architecture.ts';
import type { BuildPart } from '../recipe/recipe.ts';

/** A source package, as far as it says what it can be built for. */
export type Buildable = { readonly name: string; readonly architectures: readonly string[] }; // names, wildcards, all; empty: it does not say

/** Whether a source package has anything to build here. */
export function checkFit(
  { name, architectures }: Buildable,
  { architecture, build }: { readonly architecture: string; readonly build: BuildPart },
): Result<void> {
  const all = architectures.includes('all');
  const here = architectures.some((one) => one !== 'all' && matchesArchitecture(architecture, one));
  const fits = { binary: all || here, any: here, all }[build];
  if (fits || architectures.length === 0) return ok();
  const failure = { kind: 'usage', reason: 'architecture-unfit' } satisfies Partial<Failure>;
  if (build === 'all') return fail({ ...failure, message: `${name} has no packages that are the same on all architectures` });
  if (all)
    return fail({
      ...failure,
      message: `${name} has no packages that depend on the architecture${architectures.length > 1 ? ` and are for ${architecture}` : ''}`,
    });
  return fail({
    ...failure,
    message: `${name} has no packages for ${architecture}: they are for ${architectures.join(', ')}`,
    next: 'Name a container of such an architecture.',
  });
}
