import type { Sha256 } from '../base/digest.ts';
import type { ImageId } from '../docker/engine.ts';

/** A builder image in the engine. */
export type Image = {
  readonly key: Sha256; // of what it was made from; names it in the local cache
  readonly id: ImageId; // /bin/sh is dash
  readonly bashId: ImageId; // the same with /bin/sh as bash
  readonly locales: readonly string[]; // translated, non-C locales that it has, such as fr_CH.UTF-8
  readonly fakeTimeLibrary: string | undefined; // absolute path of libfaketime in it
};

/** The two users that every builder image has. */
export const USERS = {
  first: { name: 'builder', uid: 1000, gid: 1000 },
  second: { name: 'rebuilder-two', uid: 2345, gid: 2346 },
} as const;
