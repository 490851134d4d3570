import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { openExchange } from './exchange.ts';
import type { FetchOptions, Wanted } from './fetch.ts';
import type { Store } from './types.ts';

/** Whether a file can be had. gone: every server that was asked says that it does not have it. text: in the servers' words. */
export type Presence = { readonly state: 'there' | 'gone' | 'unknown'; readonly text: string };

const AT_ONCE = 8;

/**
 * Asks whether files could be fetched, without fetching them: the store first, then their ordinary places in order. The last resorts are not asked.
 *
 * Failures: of the proxy's address, and what `running.signal` was aborted with.
 */
export async function presenceOf(store: Store, wanted: readonly Wanted[], options: FetchOptions): Promise<Result<readonly Presence[]>> {
  const exchange = openExchange({ ...options, retries: 1 });
  if (!exchange.ok) return exchange;
  await using asking = exchange.value;
  const found: Presence[] = [];
  const one = async ({ file, urls }: Wanted): Promise<Presence> => {
    if (await store.has(file.sha256, file.size)) return { state: 'there', text: 'in the store' };
    const answers: string[] = [];
    let gone = urls.length > 0;
    for (const url of options.offline ? [] : urls) {
      const status = await asking.send({ url, headers: {} }, async (reply) => reply.status);
      if (status === 200) return { state: 'there', text: 'HTTP 200' };
      gone &&= status === 404 || status === 410;
      answers.push(typeof status === 'number' ? `HTTP ${status}` : status.silence);
    }
    return { state: gone && !options.offline ? 'gone' : 'unknown', text: [...new Set(answers)].join(', ') };
  };
  try {
    for (let at = 0; at < wanted.length; at += AT_ONCE) found.push(...(await Promise.all(wanted.slice(at, at + AT_ONCE).map(one))));
    return ok(found);
  } catch (error) {
    return fail(failureOf(error));
  }
}
