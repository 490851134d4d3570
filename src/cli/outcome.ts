import { EXIT_STATUS, type Failure } from '../base/result.ts';
import type { Outcome } from './run.ts';

/** The end of a verb that could not do what was asked. */
export function failed(failure: Failure, json?: unknown): Outcome {
  return { status: EXIT_STATUS[failure.kind], json, failure };
}
