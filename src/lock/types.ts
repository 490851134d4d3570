import type { Sha256 } from '../base/digest.ts';
import type { Tree } from '../git/types.ts';
import type { InTree, Parts } from '../recipe/recipe.ts';

/** A signed suite of an archive, as it was when the lock was made. */
export type LockedSuite = {
  readonly archive: string; // 'debian', 'debian-security', or the name of an extra archive
  readonly suite: string; // bookworm, bookworm-updates, bookworm-security …
  readonly components: readonly string[];
  readonly date: string; // the Release file's Date, as ISO 8601 in UTC
  readonly inRelease: Sha256;
};

/** A file of the archive: its place there, and what it must be. */
export type LockedFile = {
  readonly archive: string;
  readonly path: string; // below the archive's root: pool/main/h/hello/…; for a source by URL, the whole URL with archive 'url'
  readonly size: number; // bytes
  readonly sha256: Sha256;
};

export type LockedPackage = LockedFile & {
  readonly layer: 'base' | 'build'; // base: our own closure, shared between images; build: what apt's solver added
  readonly name: string;
  readonly version: string;
  readonly architecture: string; // amd64 or all
};

export type LockedSource =
  | ({ readonly kind: 'debian' | 'dsc'; readonly name: string; readonly version: string; readonly files: readonly LockedFile[] } & InTree) // the .dsc is the first file; with part 'upstream' there are its upstream tarballs only
  | { readonly kind: 'tarball'; readonly directory: string | undefined; readonly files: readonly LockedFile[] } // one file
  | {
      readonly kind: 'git';
      readonly name: string | undefined; // by which the command line can name another ref
      readonly ref: string; // tag, branch or commit that was asked for
      readonly directory: string | undefined;
      readonly trees: readonly Tree[]; // the repository's own first, then its submodules, each after the one that it lies in
    }
  | { readonly kind: 'folder'; readonly directory: string | undefined; readonly sha256: Sha256 }; // of the folder's canonical tar

/** Everything that a build is made from. Written as JSON with one package a line; see lock.ts. */
export type Lock = {
  readonly schema: 1;
  readonly twinbuild: string; // version of the tool that wrote it
  readonly for: 'recipe' | 'container';
  readonly name: string;
  readonly digest: Sha256; // Recipe.digest, or Container.digest
  readonly parts: Parts; // Recipe.parts, or Container.parts: what the digest is made from, to tell what changed
  readonly architecture: string;
  readonly epoch: number; // SOURCE_DATE_EPOCH of the builds, seconds since 1970-01-01T00:00:00Z
  readonly imageEpoch: number; // newest Release date: every file of the image is clamped to it
  readonly suites: readonly LockedSuite[];
  readonly packages: readonly LockedPackage[]; // base first, then build; by name in byte order
  readonly tools?: readonly LockedPackage[]; // with git sources only: what is added to the base for the image that takes them apart; layer: build
  readonly sources: readonly LockedSource[]; // in the recipe's order
};
