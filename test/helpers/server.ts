import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export type Server = AsyncDisposable & {
  readonly url: string; // without a slash at the end
  readonly requests: readonly { readonly path: string; readonly range: string | undefined; readonly headers: IncomingMessage['headers'] }[];
  /** Answers for a path; `count` is how often it was asked for, from 1. What has no handler is a 404. */
  on(path: string, handler: Handler): void;
  most(): number; // requests at one time
};

/** A real HTTP server on the loopback, closed with the scope. */
export async function server(): Promise<Server> {
  const handlers = new Map<string, Handler>();
  const counts = new Map<string, number>();
  const requests: { path: string; range: string | undefined; headers: IncomingMessage['headers'] }[] = [];
  let active = 0;
  let most = 0;
  const http = createServer((request, response) => {
    const path = decodeURI(request.url ?? '');
    requests.push({ path, range: request.headers.range, headers: request.headers });
    active += 1;
    most = Math.max(most, active);
    response.on('close', () => {
      active -= 1;
    });
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const handler = handlers.get(path) ?? notFound;
    handler(request, response, count);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests,
    on: (path, handler) => void handlers.set(path, handler),
    most: () => most,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export const notFound: Handler = (_request, response) => void response.writeHead(404).end('not here');

/** A server as it should be: whole files and ranges. */
export function serve(bytes: Uint8Array): Handler {
  return (request, response) => {
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? -1);
    if (from < 0) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else if (from >= bytes.length) response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    else
      response
        .writeHead(206, { 'content-length': bytes.length - from, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` })
        .end(bytes.subarray(from));
  };
}

/** Sends the first bytes of an answer that promises all, then drops the connection. */
export function dropAfter(bytes: Uint8Array, length: number): Handler {
  return (request, response) => {
    const from = Number(/^bytes=([0-9]+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = bytes.subarray(from);
    if (from > 0)
      response.writeHead(206, { 'content-length': rest.length, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` });
    else response.writeHead(200, { 'content-length': rest.length });
    response.write(rest.subarray(0, length), () => setTimeout(() => response.destroy(), 20));
  };
}

/** An answer without a body. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_request, response) => void response.writeHead(code, headers).end();
}

/** One handler for each time that the path is asked for, the last one for all after. */
export function inTurn(...handlers: readonly Handler[]): Handler {
  return (request, response, count) => (handlers[count - 1] ?? handlers.at(-1) ?? notFound)(request, response, count);
}
