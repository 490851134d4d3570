import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/base/digest.ts';
import type { ImageInputs } from '../../src/image/image.ts';
import type { LockedPackage } from '../../src/lock/types.ts';
import { openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/types.ts';
import { type TinyDeb, tinyDeb } from './debs.ts';
import { must, once } from './engine.ts';
import { lockedOf } from './packages.ts';
import { PROJECT, rig } from './rig.ts';

/** The packages of hello's builder image, and a store that has them. */
export type Locked = { readonly store: Store; readonly inputs: ImageInputs };

/** The folder of the store that the command line uses under test. */
export function storeRoot(): string {
  const home = process.env['TWINBUILD_HOME'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'twinbuild');
  return join(home, 'store');
}

let found: Promise<Locked> | undefined;

/** Fetches what hello's lock names; on a machine whose mirror has moved on, what took its place. */
export function lockedHello(): Promise<Locked> {
  found ??= (async () => {
    await using r = await rig();
    const { status, stdout, stderr } = await r.execWith({ cwd: PROJECT }, 'fetch', 'hello', '--relock-if-gone');
    if (status !== 0) throw new Error(stderr);
    const anew = `${stdout}${stderr}`.includes('NOT the committed lock');
    const lock = JSON.parse(
      await readFile(join(PROJECT, anew ? 'out/hello/recipe.lock' : 'recipes/hello/recipe.lock'), 'utf8'),
    ) as ImageInputs;
    return { store: must(await openStore(storeRoot())), inputs: lock };
  })();
  return found;
}

/** Puts the files of packages from one store into another one. */
export async function copyPackages(packages: readonly LockedPackage[], from: Store, to: Store): Promise<void> {
  for (const { sha256: digest, size } of packages) must(await to.add(from.read(digest), { sha256: digest, size }));
}

/** Adds a small package to a store, as one that was locked for a build. */
export async function addTiny(store: Store, deb: TinyDeb): Promise<LockedPackage> {
  const bytes = await tinyDeb(deb);
  must(await store.add(once(bytes), { sha256: sha256(bytes), size: bytes.length }));
  return lockedOf(bytes, deb.control);
}
