import type { Sha256 } from '../base/digest.ts';

/** A commit's tree as it is locked. */
export type Tree = {
  readonly path: string; // below the top of the repository that the recipe names; '' for that one itself
  readonly url: string;
  readonly commit: string; // whole id, SHA-1 or SHA-256
  readonly size: number; // bytes of the tar that it is exported to
  readonly sha256: Sha256; // of that tar
};
