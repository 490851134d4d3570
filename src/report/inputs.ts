import type { Sha256 } from '../base/digest.ts';
import type { Lock, LockedPackage, LockedSource, LockedSuite } from '../lock/types.ts';

/** A package of the builder image. */
export type InputPackage = Pick<LockedPackage, 'name' | 'version' | 'architecture' | 'layer' | 'size' | 'sha256'>;

/** A file that the source tree is made from. */
export type InputSource = {
  readonly kind: LockedSource['kind'];
  readonly file: string; // path below the archive's root, URL, URL and commit, or name of a folder in the tree
  readonly size: number | null; // bytes; null for a folder
  readonly sha256: Sha256; // for a folder of its canonical tar
};

/** What both builds were made from: a lock, told to somebody who has not got it. */
export type Inputs = {
  readonly architecture: string;
  readonly suites: readonly LockedSuite[];
  readonly packages: readonly InputPackage[]; // in the lock's order
  readonly sources: readonly InputSource[];
};

/** Everything that a lock names. Places in archives are left out for packages: a digest says what a file is, wherever it comes from. */
export function inputsOf({ architecture, suites, packages, sources }: Lock): Inputs {
  return {
    architecture,
    suites: suites.map(({ archive, suite, components, date, inRelease }) => ({ archive, suite, components, date, inRelease })),
    packages: packages.map(({ name, version, architecture: built, layer, size, sha256 }) => ({
      name,
      version,
      architecture: built,
      layer,
      size,
      sha256,
    })),
    sources: sources.flatMap(sourceFiles),
  };
}

function sourceFiles(source: LockedSource): InputSource[] {
  if (source.kind === 'git') {
    return source.trees.map(({ url, commit, size, sha256 }) => ({ kind: 'git', file: `${url} ${commit}`, size, sha256 }));
  }
  if (source.kind === 'folder') return [{ kind: 'folder', file: source.directory ?? '.', size: null, sha256: source.sha256 }];
  return source.files.map(({ path, size, sha256 }) => ({ kind: source.kind, file: path, size, sha256 }));
}
