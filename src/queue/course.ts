import type { Failure } from '../base/result.ts';
import type { Status } from './types.ts';

/** How often what is tried again. A verdict never is: a difference that goes away on its own is the worst kind. */
export type Retries = {
  readonly infrastructure: number; // further attempts after the network, a mirror or the engine failed
  readonly builds: number; // further attempts after a build failed or took too long
};

/** What becomes of a package after an attempt. */
export type Course =
  | { readonly kind: 'finish' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'leave' } // as if it had not been tried
  | { readonly kind: 'stop'; readonly failure: Failure }; // and the whole queue stops: every other package would fail in the same way

/** Reasons that concern the machine, not the package. */
const STOPPING = new Set([
  'disk-full',
  'engine-disk-full',
  'store-not-writable',
  'store-unreadable',
  'engine-context',
  'engine-address',
  'engine-tls',
  'engine-too-old',
  'engine-not-linux',
  'mirror-invalid',
  'proxy-invalid',
]);
/** Infrastructure that does not come back by waiting. */
const LASTING = new Set(['file-gone', 'source-files-missing', 'offline-missing', 'file', 'database-damaged', 'database-newer', 'database']);
/** When these do not come back after all retries, nothing comes after them. */
const ENGINE = new Set(['engine-lost', 'no-engine']);

/** The status that a failure stands for; undefined for one that says nothing about the package. */
export function statusOf(failure: Failure): Status | undefined {
  switch (failure.kind) {
    case 'build-failed':
    case 'timeout':
    case 'unverified-input':
      return failure.kind;
    case 'infrastructure':
      return failure.reason === 'source-files-missing' ? 'source-missing' : failure.kind;
    case 'usage':
      return 'invalid';
    case 'permission':
      return 'not-granted';
    case 'preflight':
    case 'interrupted':
    case 'terminated':
      return undefined;
    default:
      return failure.kind satisfies never;
  }
}

/**
 * What becomes of a package whose attempt ended.
 *
 * @param failure undefined: there is a verdict
 * @param before attempts of this run that ended in the same way, this one left out
 * @param random from 0 to below 1, so that several do not come back at once
 */
export function courseAfter(failure: Failure | undefined, before: number, retries: Retries, random: number): Course {
  if (failure === undefined) return { kind: 'finish' };
  switch (failure.kind) {
    case 'interrupted':
    case 'terminated':
      return { kind: 'leave' };
    case 'preflight':
      return { kind: 'stop', failure };
    case 'infrastructure':
      if (STOPPING.has(failure.reason)) return { kind: 'stop', failure };
      if (LASTING.has(failure.reason)) return { kind: 'finish' };
      if (before < retries.infrastructure) return { kind: 'again', afterMs: backOffMs(before, random) };
      return ENGINE.has(failure.reason) ? { kind: 'stop', failure } : { kind: 'finish' };
    case 'build-failed':
    case 'timeout':
      return before < retries.builds ? { kind: 'again', afterMs: 0 } : { kind: 'finish' };
    case 'usage':
    case 'unverified-input':
    case 'permission':
      return { kind: 'finish' };
    default:
      return failure.kind satisfies never;
  }
}

/** 5 s, 20 s, 80 s and at most 5 min, each between a half and the whole of it. */
export function backOffMs(before: number, random: number): number {
  return Math.min(300_000, 5000 * 4 ** before) * (0.5 + random / 2);
}

/** An attempt at some inputs, as far as it says whether they always give the same. */
export type Seen = { readonly status: Status; readonly outputs: string | null };

/**
 * The status over all attempts at the same inputs. Two verdicts that contradict each other, or two agreeing pairs of builds that do not agree with one
 * another, are flaky: neither alone is the truth.
 *
 * @param latest the attempt that has just ended; one without a verdict keeps its own status
 */
export function statusOver(latest: Seen, all: readonly Seen[]): Status {
  if (latest.status !== 'reproducible' && latest.status !== 'different') return latest.status;
  const verdicts = [...all, latest].filter(({ status }) => status === 'reproducible' || status === 'different');
  const differs = new Set(verdicts.map(({ status }) => status)).size > 1;
  const outputs = new Set(verdicts.flatMap(({ outputs: digest }) => digest ?? []));
  return differs || outputs.size > 1 ? 'flaky' : latest.status;
}

/** From the worst: what leaves the question open is worse than any answer. */
const WORST_FIRST: readonly (readonly [Status, number])[] = [
  ['infrastructure', 7],
  ['source-missing', 7],
  ['unverified-input', 6],
  ['not-granted', 8],
  ['invalid', 2],
  ['build-failed', 4],
  ['timeout', 5],
  ['flaky', 1],
  ['different', 1],
  ['reproducible', 0],
];

/** The exit status of a whole list: that of its worst package. */
export function exitStatusOf(statuses: Iterable<Status>): number {
  const there = new Set(statuses);
  return WORST_FIRST.find(([status]) => there.has(status))?.[1] ?? 0;
}
