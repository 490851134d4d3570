import type { Location } from './location.ts';

/** Either a value or the reason why there is none. What a user, a mirror or a package can cause is never thrown. */
export type Result<T, E = Failure> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** What a failure means for the one who ran the command; each has an exit status of its own (see EXIT_STATUS). */
export type FailureKind =
  | 'usage' // the command line, a recipe, a container or a lock is wrong
  | 'preflight' // no engine, too little disk, a missing tool
  | 'build-failed'
  | 'timeout'
  | 'unverified-input' // a signature, a digest or a commit does not match
  | 'infrastructure' // network, disk full, engine lost
  | 'permission' // the recipe asks for something that was not granted
  | 'interrupted' // SIGINT
  | 'terminated'; // SIGTERM

/** The exit status of each kind of failure. 0 and 1 are verdicts and therefore not here. */
export const EXIT_STATUS: Readonly<Record<FailureKind, number>> = {
  usage: 2,
  preflight: 3,
  'build-failed': 4,
  timeout: 5,
  'unverified-input': 6,
  infrastructure: 7,
  permission: 8,
  interrupted: 130,
  terminated: 143,
};

/** Why something could not be done, in a form that a program can branch on and a person can act on. */
export type Failure = {
  readonly kind: FailureKind;
  readonly reason: string; // a stable word-with-hyphens for programs, such as 'digest-mismatch'
  readonly message: string; // one clear sentence, without the place
  readonly next?: string; // what to do now, one or two sentences
  readonly at?: Location; // where it stands, when there is a file
  readonly details?: readonly string[]; // further lines: where a file was looked for, the solver's words, the log's last lines
  readonly others?: readonly Failure[]; // more problems of the same file, found at the same time
  readonly cause?: unknown; // the foreign error this was made from
};

export function ok(): Result<void, never>;
export function ok<T>(value: T): Result<T, never>;
export function ok(value?: unknown): Result<unknown, never> {
  return { ok: true, value };
}

export function fail<E>(error: E): Result<never, E> {
  return { ok: false, error };
}

/**
 * The one way for a failure to travel through a stream: an async iterable can only throw. Whoever consumes the stream turns it
 * back into a value with `failureOf`.
 */
export class StreamFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** The failure that an error from a stream carries; anything else is a bug and is thrown again. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StreamFailure) return error.failure;
  throw error;
}
