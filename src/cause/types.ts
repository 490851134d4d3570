import type { SurroundingName, Surroundings, Varied } from '../build/types.ts';

/** Why two outputs differ, as far as the evidence goes. */
export type Cause = {
  readonly name: string; // of the detector: timestamp, build-path, gzip-mtime …
  readonly confidence: 'certain' | 'likely' | 'possible';
  readonly trail: readonly string[]; // of the difference that it explains
  readonly evidence: string; // one sentence: what was seen on both sides
  readonly surrounding: SurroundingName | null; // the change of surroundings that brought it out, when one did
  readonly remedy: string; // one or two sentences: the flag, the debhelper call
  readonly link: string | null; // policy, manual page, documentation
};

/** What the detectors may hold a difference against. */
export type CauseContext = {
  readonly first: Surroundings | undefined; // undefined: the two sides were not built by us
  readonly second: Surroundings | undefined;
  readonly varied: readonly Varied[];
  readonly epoch: number | undefined; // SOURCE_DATE_EPOCH, seconds
  readonly builtAtSeconds: readonly [number, number] | undefined; // when each build began, since 1970-01-01T00:00:00Z
};
