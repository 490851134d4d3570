import type { BinaryPackage } from '../archive/types.ts';
import type { LockedPackage } from './types.ts';

/** An entry of a verified index as it stands in a lock. */
export function locked(
  { name, version, architecture, archive, filename, size, sha256 }: BinaryPackage,
  layer: LockedPackage['layer'],
): LockedPackage {
  return { layer, name, version, architecture, archive, path: filename, size, sha256 };
}
