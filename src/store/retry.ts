const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
const LONGEST_RETRY_AFTER_MS = 120_000;

/**
 * How long to wait before the next try: exponential with a cap and full jitter, so that many runners that failed together do not
 * come back together.
 *
 * @param failures tries that failed one after the other, from 1
 * @param random from 0 to below 1
 */
export function backoffMs(failures: number, random: number): number {
  return Math.floor(random * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures));
}

/**
 * What a Retry-After header asks for (RFC 9110 10.2.3): seconds, or a date, which is read against the response's own Date so that a
 * wrong clock on either side does no harm. Capped; undefined when there is none or it says nothing.
 */
export function retryAfterMs(retryAfter: string | undefined, date: string | undefined): number | undefined {
  const text = retryAfter?.trim() ?? '';
  if (/^[0-9]+$/.test(text)) return Math.min(LONGEST_RETRY_AFTER_MS, Number(text) * 1000);
  const until = Date.parse(text);
  const from = Date.parse(date ?? '');
  if (Number.isNaN(until) || Number.isNaN(from)) return undefined;
  return Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, until - from));
}
