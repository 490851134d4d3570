import { sha256 } from '../../src/base/digest.ts';
import { planBuild, treeName } from '../../src/build/plan.ts';
import { surroundings } from '../../src/build/surroundings.ts';
import type { BuildPlan } from '../../src/build/types.ts';
import type { Image } from '../../src/image/types.ts';
import type { Lock, LockedSource } from '../../src/lock/types.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';

export const image: Image = {
  key: sha256('image'),
  id: 'sha256:d',
  bashId: 'sha256:b',
  locales: ['fr_CH.UTF-8'],
  fakeTimeLibrary: '/lib/faketime.so',
};
export const file = (path: string) => ({ archive: 'debian', path, size: 3, sha256: sha256(path) });
export const hello: LockedSource = {
  kind: 'debian',
  name: 'hello',
  version: '1:2.10-3',
  files: ['hello_2.10-3.dsc', 'hello_2.10.orig.tar.gz', 'hello_2.10-3.debian.tar.xz'].map((name) => file(`pool/main/h/hello/${name}`)),
};
export const resources = { memoryBytes: 2e9, diskBytes: 4e9, cpus: undefined, timeSeconds: 900 };

export const recipeOf = (over: Partial<Recipe> = {}): Recipe =>
  ({
    name: 'hello',
    digest: sha256('recipe'),
    sources: [{ kind: 'debian', name: 'hello', version: undefined }],
    patches: [],
    environment: {},
    steps: [{ name: 'build', run: 'dpkg-buildpackage -us -uc -b\n', timeoutSeconds: 600, user: 'builder' }],
    outputs: ['*.deb'],
    resources,
    permissions: [],
    ...over,
  }) as Recipe;

export const lockOf = (...sources: readonly LockedSource[]): Lock => ({ epoch: 1_700_000_000, sources }) as unknown as Lock;

export function plans(
  recipe: Recipe,
  lock: Lock,
  skip: readonly string[] = [],
  vary: readonly string[] = [],
  folders: Parameters<typeof planBuild>[0]['folders'] = [],
): readonly [BuildPlan, BuildPlan] {
  const made = surroundings({ tree: treeName(recipe, lock), cpus: 4, memoryBytes: 64e9, resources, image, vary, skip });
  if (!made.ok) throw new Error(made.error.message);
  const of = (around: typeof made.value.first): BuildPlan =>
    planBuild({ recipe, lock, lockDigest: sha256('lock'), image, surroundings: around, folders });
  return [of(made.value.first), of(made.value.second)];
}
