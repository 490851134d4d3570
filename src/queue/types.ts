import type { Location } from '../base/location.ts';

/** How a package ended. The first two are verdicts on it, `flaky` is one over several runs of the same inputs; the others say why there is none. */
export const STATUSES = [
  'reproducible',
  'different',
  'flaky',
  'build-failed',
  'timeout',
  'unverified-input',
  'not-granted',
  'invalid',
  'source-missing',
  'infrastructure',
] as const;
export type Status = (typeof STATUSES)[number];

/** What a line of a list may say beside its target. */
export type ItemOptions = {
  readonly timeLimitSeconds?: number;
  readonly kind?: string; // a word of the list's own, to filter by
  readonly vary?: readonly string[];
  readonly skip?: readonly string[];
  readonly container?: string;
  readonly profiles?: readonly string[];
  readonly buildOptions?: readonly string[];
  readonly build?: 'binary' | 'any' | 'all';
};

/** A line of a list, as it was written. */
export type ListLine = {
  readonly target: string;
  readonly source: { readonly name: string; readonly version: string | undefined } | undefined; // of `source:NAME=VERSION`
  readonly options: ItemOptions;
  readonly at: Location;
  readonly said: readonly { readonly name: string; readonly value: string; readonly at: Location }[]; // the options, as they stand there
};

/** One package of a queue. */
export type QueueItem = {
  readonly key: string; // of everything that it is built from and with, as far as that is known before: another key is another item
  readonly name: string; // unique in its list; the folder of its results
  readonly target: string; // as people write it
  readonly kind: string | null; // the list's word for it
  readonly options: ItemOptions;
};

/** An output that is not the same in both builds. */
export type DifferentOutput = {
  readonly name: string;
  readonly verdict: string; // as in report.json
  readonly places: readonly string[]; // the first few, escaped for people
  readonly causes: readonly string[]; // names, each once
};

/** What came out of one attempt. */
export type AttemptEnd = {
  readonly status: Status;
  readonly reason: string | null; // of the failure, for programs
  readonly message: string | null; // of the failure, for people
  readonly next: string | null;
  readonly version: string | null; // of the source package, as far as it is known
  readonly wallSeconds: number;
  readonly inputs: string | null; // digest of everything that should decide the outputs, and of what was varied; null when it ended before that was known
  readonly outputs: string | null; // digest of the outputs, when both builds agreed
  readonly lock: string | null; // digest of the lock
  readonly different: readonly DifferentOutput[];
};

/** One attempt at a package, in a list or by itself. */
export type Attempt = AttemptEnd & {
  readonly id: number;
  readonly name: string;
  readonly target: string;
  readonly folder: string; // absolute: where its report was written; a later attempt may have replaced it
  readonly startedAtMs: number; // since 1970-01-01T00:00:00Z
  readonly tool: string; // version of twinbuild
};

/** Where a package of a queue stands. */
export type ItemState = QueueItem & {
  readonly position: number;
  readonly state: 'waiting' | 'running' | 'finished';
  readonly status: Status | null; // once finished, over all attempts at the same inputs
  readonly attempts: readonly Attempt[]; // of this queue, in their order
};
