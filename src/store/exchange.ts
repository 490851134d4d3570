import { setTimeout as sleepFor } from 'node:timers/promises';
import { type Dispatcher, request } from 'undici';
import { ok, type Result, StreamFailure } from '../base/result.ts';
import type { FetchOptions } from './fetch.ts';
import { stopFailure, throwIfStopped } from './gate.ts';
import { backoffMs, retryAfterMs } from './retry.ts';
import {
  brokenBy,
  checkProxies,
  headersFor,
  MOST_REDIRECTS,
  openDispatcher,
  redirectOf,
  type Transport,
  type Watch,
  watchdog,
} from './transport.ts';

const STALL_MS = 120_000; // a server may have to think before it answers

/** One request of a protocol on top of HTTP. */
export type Question = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array; // with one it is a POST, whose redirects are not followed
};

/** What a server answered: any status but those that ask for a later try. The body can be read once; it throws `Broken` when the connection ends early. */
export type Reply = {
  readonly status: number;
  readonly type: string; // content-type without parameters; '' when there is none
  readonly url: string; // after redirects
  readonly body: AsyncIterable<Uint8Array>;
};

/** Nothing came of it, and no further try will help. */
export type Silence = { readonly silence: string };

/** A connection that ended before the answer was whole. Whoever reads an answer may throw it too: the question is then asked again. */
export class Broken extends Error {}

/** A way to ask servers, closed with its scope. */
export type Exchange = AsyncDisposable & {
  /** Asks, and asks again after a pause while that can help; `use` reads each answer from its beginning. */
  send<T>(question: Question, use: (reply: Reply) => Promise<T>): Promise<T | Silence>;
};

/** Opens the connections for questions to servers, with the proxies, the patience and the retries of downloads. */
export function openExchange(options: FetchOptions): Result<Exchange> {
  const proxies = checkProxies(options.proxies);
  if (!proxies.ok) return proxies;
  const dispatcher = openDispatcher({ connectionsPerHost: options.connectionsPerHost ?? 4, proxies: proxies.value });
  const transport: Transport = { dispatcher, userAgent: options.userAgent, stallMs: options.stallMs ?? STALL_MS };
  const { signal } = options.running;
  const sleep = options.sleep ?? (async (ms: number, stop: AbortSignal) => void (await sleepFor(ms, undefined, { signal: stop })));
  const pause = async (ms: number): Promise<void> => {
    await sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    throwIfStopped(signal);
  };
  return ok({
    async send(question, use) {
      const retries = options.retries ?? 4;
      for (let failures = 1; ; failures += 1) {
        throwIfStopped(signal);
        const ended = await once(transport, question, use, signal);
        if (!('trouble' in ended)) return ended.value;
        if (!ended.trouble.again || failures > retries) return { silence: ended.trouble.text };
        await pause(Math.max(ended.trouble.waitMs ?? 0, backoffMs(failures, options.random())));
      }
    },
    [Symbol.asyncDispose]: () => dispatcher.destroy(),
  });
}

type Trouble = { readonly text: string; readonly again: boolean; readonly waitMs?: number | undefined };

async function once<T>(
  transport: Transport,
  question: Question,
  use: (reply: Reply) => Promise<T>,
  signal: AbortSignal,
): Promise<{ readonly value: T } | { readonly trouble: Trouble }> {
  const watch = watchdog(transport.stallMs, signal);
  let response: Dispatcher.ResponseData | undefined;
  try {
    let url = new URL(question.url);
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const found = await ask(transport, url, question, watch);
      if ('trouble' in found) return found;
      response = found;
      watch.alive();
      const next = question.body === undefined ? redirectOf(response, url) : undefined;
      if (typeof next === 'string') return { trouble: { text: next, again: false } };
      if (next === undefined) return await answered(response, url, watch, use);
      response.body.on('error', () => undefined).destroy();
      url = next;
    }
    return { trouble: { text: `more than ${MOST_REDIRECTS} redirects`, again: false } };
  } catch (error) {
    if (signal.aborted) throw new StreamFailure(stopFailure(signal));
    if (error instanceof Broken) return { trouble: { text: error.message, again: true } };
    throw error;
  } finally {
    response?.body.on('error', () => undefined).destroy();
    watch.end();
  }
}

async function ask(
  { dispatcher, userAgent }: Transport,
  url: URL,
  { headers, body }: Question,
  watch: Watch,
): Promise<Dispatcher.ResponseData | { readonly trouble: Trouble }> {
  try {
    return await request(url.origin + url.pathname + url.search, {
      dispatcher,
      signal: watch.signal,
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headersFor({ userAgent }, url, 0), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  } catch (error) {
    const { kind, text } = brokenBy(error, watch, false);
    return { trouble: { text, again: kind === 'unavailable' } };
  }
}

async function answered<T>(
  response: Dispatcher.ResponseData,
  url: URL,
  watch: Watch,
  use: (reply: Reply) => Promise<T>,
): Promise<{ readonly value: T } | { readonly trouble: Trouble }> {
  const { statusCode: status, headers } = response;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return { trouble: { text: `HTTP ${status}`, again: true, waitMs: retryAfterMs(one(headers['retry-after']), one(headers['date'])) } };
  }
  const type = (one(headers['content-type']) ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return { value: await use({ status, type, url: url.href, body: watched(response.body, watch) }) };
}

/** The body of a reply. Each piece is a sign of life, however small: servers send some while they think. */
async function* watched(body: Dispatcher.ResponseData['body'], watch: Watch): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    watch.alive();
    const next = await pieces.next().catch((error: unknown) => {
      throw new Broken(brokenBy(error, watch, true).text);
    });
    if (next.done) return;
    yield next.value as Uint8Array;
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
