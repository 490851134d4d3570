import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { EngineInfo } from '../docker/engine.ts';
import { STATUSES, type Status } from '../queue/types.ts';
import { parseSeconds } from '../recipe/quantity.ts';
import type { LimitOptions } from './limits.ts';
import type { ReproOptions } from './surroundings.ts';
import type { TargetVerbOptions } from './targets.ts';

/** What `repro` takes for a list, beside what it takes for one. */
export type ManyOptions = ReproOptions &
  TargetVerbOptions &
  LimitOptions & {
    readonly from?: string;
    readonly fromContainer?: string;
    readonly jobs?: number;
    readonly timeLimit?: string;
    readonly stopAfter?: string;
    readonly retries?: number;
    readonly retryBuilds?: number;
    readonly keepOutputs?: 'different' | 'all' | 'none';
    readonly again?: boolean | string;
  };

/** The statuses whose packages are built once more, though they are finished. */
export type Again = ReadonlySet<Status>;

/** `--again` means all, `--again different,flaky` those. */
export function againOf(option: ManyOptions['again']): Result<Again> {
  if (option === undefined || option === false) return ok(new Set());
  if (option === true) return ok(new Set(STATUSES));
  const words = option.split(',').filter((word) => word !== '');
  const wrong = words.find((word) => !(STATUSES as readonly string[]).includes(word));
  if (wrong === undefined) return ok(new Set(words as Status[]));
  return fail(
    bad('--again', `"${wrong}" is no status`, `Write one or more of ${STATUSES.join(', ')}, with commas between, or nothing for all.`),
  );
}

/** Seconds of a time that an option gives; undefined when it was not said. */
export function timeLimitOf(option: string | undefined, name = '--time-limit'): Result<number | undefined> {
  if (option === undefined) return ok(undefined);
  const seconds = parseSeconds(option);
  return seconds === undefined ? fail(bad(name, `"${option}" is no time`, 'Write one such as 90s, 30m or 1h30m.')) : ok(seconds);
}

/** Whether the outputs of a package stay: by default where somebody will want to look at them. */
export function keepsOutputs(status: Status, keep: ManyOptions['keepOutputs'] = 'different'): boolean {
  return keep === 'all' || (keep === 'different' && (status === 'different' || status === 'flaky'));
}

function bad(option: string, what: string, next: string): Failure {
  return { kind: 'usage', reason: 'bad-option', message: `${option}: ${what}`, next };
}

/** What a recipe may use when it does not say. */
const USUAL_MEMORY_BYTES = 4 * 1024 ** 3;
const MOST_JOBS = 32;

/** Packages side by side when nobody said: two cpus for each, as both builds of one run at once, and memory for them; builds seldom use all they may. */
export function usualJobs({ cpus, memoryBytes }: Pick<EngineInfo, 'cpus' | 'memoryBytes'>): number {
  const byMemory = Math.floor((1.25 * memoryBytes) / (2 * USUAL_MEMORY_BYTES));
  return Math.max(1, Math.min(Math.floor(cpus / 2), byMemory, MOST_JOBS));
}
