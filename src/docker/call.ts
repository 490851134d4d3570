import type { Failure, Result } from '../base/result.ts';
import { fail, ok, StreamFailure } from '../base/result.ts';
import { engineFailure } from './engine.ts';

/** Time limits of requests, in milliseconds. A request that only asks must not hang when the engine died in the middle of an answer. */
export const PATIENCE_MS = { ping: 15_000, ask: 120_000, copy: 3_600_000 } as const;

/**
 * Makes one request. Whatever goes wrong becomes a failure that names what was being done; a failure that came out of a
 * stream that we sent keeps its own words.
 */
export async function call<T>(doing: string, patienceMs: number, request: (signal: AbortSignal) => Promise<T>): Promise<Result<T>> {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // docker-modem never settles when the connection breaks in the middle of a JSON answer, so its signal alone is not enough.
  const tooLate = new Promise<never>((_resolve, reject) => {
    if (patienceMs === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${Math.round(patienceMs / 1000)} seconds`);
      reject(error);
      late.abort(error);
    }, patienceMs);
  });
  try {
    return ok(await Promise.race([request(late.signal), tooLate]));
  } catch (error) {
    return fail(failureFrom(doing, error));
  } finally {
    clearTimeout(timer);
  }
}

/** The HTTP status that an error of the engine came with. */
export function statusOf(failure: Failure): number | undefined {
  const cause = failure.cause;
  return typeof cause === 'object' && cause !== null && 'statusCode' in cause && typeof cause.statusCode === 'number'
    ? cause.statusCode
    : undefined;
}

/** The failure that an error stands for. Reasons: `engine`, `engine-lost`, `engine-disk-full`, `engine-ulimit`. */
export function failureFrom(doing: string, error: unknown): Failure {
  if (error instanceof StreamFailure) return error.failure;
  const words = wordsOf(error);
  const failure = { ...engineFailure(doing, words), cause: error };
  if (/no space left on device/i.test(words)) {
    return { ...failure, reason: 'engine-disk-full', next: 'Make room on the disk of the engine: `twinbuild clean`, `docker system df`.' };
  }
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/^(ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND)$/.test(code) || /socket hang up|aborted/.test(words)) {
    return { ...failure, reason: 'engine-lost', next: 'Look whether the engine still runs, then try again.' };
  }
  return failure;
}

/** docker-modem's `(HTTP code 500) server error - words ` without the wrapping. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
}

/** Options of a request together with its signal, which the types of dockerode forget at many requests. */
export function signalled<T extends object>(abortSignal: AbortSignal, options: T): T & { readonly abortSignal: AbortSignal } {
  return { ...options, abortSignal };
}
