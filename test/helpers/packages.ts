import { sha256 } from '../../src/base/digest.ts';
import { type Package, readPackage } from '../../src/image/package.ts';
import { bodiesOf, type Collected } from '../../src/image/unpack.ts';
import type { Unpacked } from '../../src/image/unpacked.ts';
import type { LockedPackage } from '../../src/lock/types.ts';
import { inPieces, type TinyDeb, tinyDeb } from './debs.ts';
import { value } from './stores.ts';

/** What unpacking a .deb gives: what is known of it, and all bodies one behind the other. */
export async function unpacked(deb: Uint8Array): Promise<{ readonly known: Unpacked; readonly tree: Buffer }> {
  const collected: Collected = {};
  const tree = Buffer.concat(await Array.fromAsync(bodiesOf(inPieces(deb, 1000), collected)));
  if (collected.unpacked === undefined) throw new Error('nothing was collected');
  return { known: collected.unpacked, tree };
}

/** What a lock says of a small package. */
export function lockedOf(
  deb: Uint8Array,
  control: Readonly<Record<string, string>> = {},
  layer: 'base' | 'build' = 'build',
): LockedPackage {
  const { Package: name = 'hello', Version: version = '1.0-1', Architecture: architecture = 'all' } = control;
  return { archive: 'debian', path: `pool/${name}.deb`, size: deb.length, sha256: sha256(deb), layer, name, version, architecture };
}

/** A small package as plans take it. */
export async function tinyPackageOf(deb: TinyDeb, layer: 'base' | 'build' = 'build'): Promise<Package> {
  const bytes = await tinyDeb(deb);
  return value(readPackage(lockedOf(bytes, deb.control, layer), (await unpacked(bytes)).known));
}
