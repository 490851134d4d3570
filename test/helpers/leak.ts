import type { SurroundingName } from '../../src/build/types.ts';

/** One leak of the corpus: a file of a package, what writes it, and what has to be said about it. */
export type Leak = {
  readonly file: string; // below /usr/share/NAME; what stands for it in a trail begins so
  readonly body: string; // shell; $OUT is that folder
  readonly cause: string | null; // the detector that has to claim it; null: none may
  readonly surrounding: SurroundingName | null;
  readonly also?: readonly string[]; // further causes that are right
  readonly leaf?: RegExp; // the last part of the trail, when it is not the file itself
  readonly remedy?: RegExp;
  readonly beyond?: string; // why no detector finds it, when none does: known, and not mended
};
