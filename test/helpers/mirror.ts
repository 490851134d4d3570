import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readMirrors } from '../../src/archive/mirrors.ts';

/** What a request gets instead of the real answer: other bytes, or a status. Undefined: the real answer. */
export type Meddling = (path: string, body: () => Promise<Buffer>) => Promise<Buffer | number | undefined>;

export type MeddledMirror = AsyncDisposable & {
  readonly environment: Readonly<Record<string, string>>;
  meddling: Meddling;
  readonly asked: string[]; // paths, in the order of the requests
};

/** A mirror on the loopback interface that hands on what a real one has, unless it is told to meddle. */
export async function meddledMirror(meddling: Meddling = async () => undefined): Promise<MeddledMirror> {
  const mirrors = await readMirrors({ environment: process.env, tell: () => {} });
  if (!mirrors.ok) throw new Error(mirrors.error.message);
  const [debian = ''] = mirrors.value.debian;
  const [security = ''] = mirrors.value.security;
  const mirror = { meddling, asked: [] as string[] };
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    mirror.asked.push(path);
    const upstream = path.startsWith('/debian-security/') ? `${security}${path.slice(16)}` : `${debian}${path.slice(7)}`;
    try {
      const real = async (): Promise<Buffer> => Buffer.from(await (await fetch(upstream)).arrayBuffer());
      const changed = await mirror.meddling(path, real);
      if (typeof changed === 'number') {
        response.writeHead(changed).end();
        return;
      }
      if (changed) {
        response.writeHead(200, { 'content-length': changed.length }).end(changed);
        return;
      }
      const range = request.headers.range;
      const answer = await fetch(upstream, { headers: range ? { range } : {} });
      const body = Buffer.from(await answer.arrayBuffer());
      const contentRange = answer.headers.get('content-range');
      response
        .writeHead(answer.status, { 'content-length': body.length, ...(contentRange ? { 'content-range': contentRange } : {}) })
        .end(body);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return Object.assign(mirror, {
    environment: { TWINBUILD_MIRROR: `http://127.0.0.1:${port}/debian` },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

/** The same bytes with one bit turned in the middle. */
export function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
