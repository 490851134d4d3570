import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { fail, ok, type Result } from '../base/result.ts';
import { retryAfterMs } from './retry.ts';

/** Proxies as in http_proxy, https_proxy and no_proxy. */
export type Proxies = { readonly http?: string | undefined; readonly https?: string | undefined; readonly none?: string | undefined };

/** How a request goes out. */
export type Transport = { readonly dispatcher: Dispatcher; readonly userAgent: string; readonly stallMs: number };

/** What a server did with one request, as far as it matters for what comes next. */
export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'gone'; readonly text: string } // 404, 410
  | { readonly kind: 'refused'; readonly text: string } // no use in asking again
  | { readonly kind: 'other-file'; readonly text: string } // what it serves cannot be the file that is wanted
  // A server that is busy (429, 5xx), no connection, or one that ended early. waitMs: what the server asked for.
  | { readonly kind: 'unavailable'; readonly text: string; readonly waitMs?: number | undefined };

/** Where the bytes of a download go. */
export interface Sink {
  readonly have: number; // bytes that are there already
  restart(): Promise<void>; // forget them
  write(piece: Uint8Array): Promise<void>;
}

/** What is known of the file: its exact size, or the most that is taken. */
export type Wish = { readonly size: number } | { readonly limitBytes: number };

export const MOST_REDIRECTS = 5;
const LEAST_BYTES = 1024; // within the stall time
const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** The proxies with whole addresses (`host:port` means http), or a failure `proxy-invalid` (usage). */
export function checkProxies(proxies: Proxies | undefined): Result<Proxies> {
  const whole: { http?: string; https?: string } = {};
  for (const scheme of ['http', 'https'] as const) {
    const given = proxies?.[scheme];
    if (!given) continue;
    const address = given.includes('://') ? given : `http://${given}`;
    if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) {
      return fail({
        kind: 'usage',
        reason: 'proxy-invalid',
        message: `the ${scheme} proxy is not an http address`,
        next: `Set ${scheme}_proxy to something like http://proxy.example:3128, or to nothing.`,
      });
    }
    whole[scheme] = address;
  }
  return ok({ ...whole, none: proxies?.none });
}

/** Opens the connections of a run, so many per server at most. Only the given proxies count, not the environment's. */
export function openDispatcher(options: { readonly connectionsPerHost: number; readonly proxies: Proxies }): Dispatcher {
  const { http, https, none } = options.proxies;
  const common = {
    connections: options.connectionsPerHost,
    pipelining: 1,
    connect: { timeout: 20_000 },
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (!http && !https) return new Agent(common);
  return new EnvHttpProxyAgent({ ...common, httpProxy: http ?? '', httpsProxy: https ?? '', noProxy: none ?? '' });
}

/**
 * Asks for a file, or for the rest of it when the sink has a part. Redirects are followed here, as they must not lead from https to http.
 *
 * @throws what the sink throws; what a server or the network does is an Answer. When `signal` is aborted the answer is 'unavailable'.
 */
export async function ask(transport: Transport, address: string, wish: Wish, sink: Sink, signal: AbortSignal): Promise<Answer> {
  const watch = watchdog(transport.stallMs, signal);
  try {
    let url = new URL(address);
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const from = 'size' in wish ? sink.have : 0;
      const response = await request(url.origin + url.pathname + url.search, {
        dispatcher: transport.dispatcher,
        signal: watch.signal,
        headers: headersFor(transport, url, from),
      }).catch((error: unknown) => brokenBy(error, watch, false));
      if ('kind' in response) return response;
      watch.alive();
      const next = redirectOf(response, url);
      if (next === undefined) return await take(response, from, wish, sink, watch);
      response.body.on('error', () => undefined).destroy();
      if (typeof next === 'string') return { kind: 'refused', text: next };
      url = next;
    }
    return { kind: 'refused', text: `more than ${MOST_REDIRECTS} redirects` };
  } finally {
    watch.end();
  }
}

export function headersFor(transport: Pick<Transport, 'userAgent'>, url: URL, from: number): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': transport.userAgent, 'accept-encoding': 'identity', accept: '*/*' };
  if (from > 0) headers['range'] = `bytes=${from}-`;
  if (url.username)
    headers['authorization'] =
      `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`;
  return headers;
}

/** Whether a server still says something. */
export type Watch = { readonly signal: AbortSignal; alive(): void; readonly stalled: boolean; end(): void };

/** Aborts when nobody said `alive` for that long. */
export function watchdog(stallMs: number, outer: AbortSignal): Watch {
  const inner = new AbortController();
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    inner.abort(new Error('stalled'));
  }, stallMs);
  return {
    signal: AbortSignal.any([outer, inner.signal]),
    alive: () => timer.refresh(),
    get stalled() {
      return stalled;
    },
    end: () => clearTimeout(timer),
  };
}

/** Where a redirect leads, a sentence when it may not be followed, undefined when the response is none. */
export function redirectOf(response: Dispatcher.ResponseData, from: URL): URL | string | undefined {
  if (![301, 302, 303, 307, 308].includes(response.statusCode)) return undefined;
  const location = one(response.headers['location']);
  if (location === undefined || !URL.canParse(location, from.href)) return `${response.statusCode} without a place to go`;
  const to = new URL(location, from);
  if (to.protocol !== 'https:' && to.protocol !== 'http:') return `a redirect to ${to.protocol}, which is not followed`;
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'a redirect from https to http, which is not followed';
  if (to.origin === from.origin && !to.username) [to.username, to.password] = [from.username, from.password];
  return to;
}

async function take(response: Dispatcher.ResponseData, from: number, wish: Wish, sink: Sink, watch: Watch): Promise<Answer> {
  const verdict = judge(response, from, wish);
  if (verdict !== undefined) {
    response.body.on('error', () => undefined).destroy();
    if (response.statusCode === 416) await sink.restart();
    return verdict;
  }
  if (response.statusCode === 200 && sink.have > 0) await sink.restart(); // a server that knows no ranges sends all of it
  const broken = await drain(response.body, 'size' in wish ? wish.size : wish.limitBytes, sink, watch);
  if (broken !== undefined) return broken;
  if ('size' in wish && sink.have < wish.size)
    return { kind: 'unavailable', text: `the connection ended after ${sink.have} of ${wish.size} bytes` };
  return { kind: 'done' };
}

/** Reads a body into the sink; undefined when it ended as it should. */
async function drain(body: Dispatcher.ResponseData['body'], mostBytes: number, sink: Sink, watch: Watch): Promise<Answer | undefined> {
  const pieces = body[Symbol.asyncIterator]();
  let fresh = 0;
  try {
    for (;;) {
      const next = await pieces.next().catch((error: unknown) => brokenBy(error, watch, true));
      if ('kind' in next) return next;
      if (next.done) return undefined;
      const piece = next.value as Uint8Array;
      if (sink.have + piece.length > mostBytes) return { kind: 'other-file', text: `more than the ${mostBytes} bytes that it may have` };
      await sink.write(piece);
      fresh += piece.length;
      if (fresh < LEAST_BYTES) continue; // a byte now and then does not count as life
      fresh = 0;
      watch.alive();
    }
  } finally {
    body.on('error', () => undefined).destroy();
  }
}

/** What status and length say before a byte of the body is looked at; undefined: read on. */
function judge(response: Dispatcher.ResponseData, from: number, wish: Wish): Answer | undefined {
  const { statusCode: status, headers } = response;
  const text = `HTTP ${status}`;
  if (status === 404 || status === 410) return { kind: 'gone', text };
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { kind: 'unavailable', text, waitMs: retryAfterMs(one(headers['retry-after']), one(headers['date'])) };
  if (status === 416 && from > 0) return { kind: 'unavailable', text: `${text} for the rest of the file` };
  if (status !== 200 && !(status === 206 && from > 0)) return { kind: 'refused', text };
  if (!('size' in wish)) return undefined;
  const range = /^bytes ([0-9]+)-[0-9]+\/([0-9]+|\*)$/.exec(one(headers['content-range']) ?? '');
  if (status === 206 && (range === null || Number(range[1]) !== from))
    return { kind: 'other-file', text: `${text} with another range than the one asked for` };
  const length = one(headers['content-length']);
  const size = status === 206 ? range?.[2] : length;
  if (size === undefined || size === '*' || Number(size) === wish.size) return undefined;
  return { kind: 'other-file', text: `a file of ${size} bytes instead of ${wish.size}` };
}

/** What an error of the connection means. */
export function brokenBy(error: unknown, watch: Watch, reached: boolean): Answer & { kind: 'unavailable' | 'refused' } {
  const { code = '', message = '' } = ((error as { cause?: unknown }).cause ?? error) as { code?: string; message?: string };
  if (watch.stalled) return { kind: 'unavailable', text: reached ? 'the server went silent' : 'no answer in time' };
  if (CERTIFICATE.test(code)) return { kind: 'refused', text: `its certificate is not trusted (${code})` };
  return { kind: 'unavailable', text: WORDS[code] ?? (code || message || 'the connection failed') };
}

const WORDS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name could not be looked up',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed early',
};

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
