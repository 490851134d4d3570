import test, { type ExecutionContext } from 'ava';
import { sha256 } from '../src/base/digest.ts';
import type { Failure } from '../src/base/result.ts';
import { fetchFiles, type Wanted } from '../src/store/fetch.ts';
import { dropAfter, type Handler, inTurn, notFound, serve, server, status } from './helpers/server.ts';
import { emptyStore, fetching, fileOf, reasonOf, value } from './helpers/stores.ts';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));

const wanted = (over: Partial<Wanted> & Pick<Wanted, 'urls'>): Wanted => ({ file: fileOf(BODY), label: 'body.deb', ...over });

type Facts = { requests: number; ranges: (string | undefined)[]; slept: number[]; failure: Failure | undefined };

/** One file from one server that behaves like that; what the store has after is right, or nothing. */
async function fetchOne(
  t: ExecutionContext,
  stallMs: number,
  handler: Handler,
  expected: string,
  check: (facts: Facts) => unknown = () => undefined,
  facts?: unknown,
): Promise<void> {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', handler);
  const options = fetching({ stallMs, retries: 3 });
  const result = await fetchFiles(s.store, [wanted({ urls: [`${http.url}/body.deb`] })], options);
  t.is(reasonOf(result), expected, result.ok ? '' : result.error.details?.join('\n'));
  t.is(await s.store.has(sha256(BODY)), expected === 'ok');
  if (expected === 'ok') t.deepEqual(Buffer.from(value(await s.store.readAll(sha256(BODY)))), BODY);
  const ranges = http.requests.map(({ range }) => range);
  t.deepEqual(check({ requests: ranges.length, ranges, slept: options.slept, failure: result.ok ? undefined : result.error }), facts);
}

const one = test.macro((t, ...row: Row) => fetchOne(t, 20_000, ...row));
const silent = test.macro((t, ...row: Row) => fetchOne(t, 700, ...row)); // servers that must be waited for: alone, so that no other test takes the time away
type Row = [handler: Handler, expected: string, check?: (facts: Facts) => unknown, facts?: unknown];

test('a whole file', one, serve(BODY), 'ok', ({ requests }) => requests, 1);
test('a file of a server that sends no length', one, (_request, response) => void response.writeHead(200).end(BODY), 'ok');
test(
  'a connection that is dropped is gone on with',
  one,
  inTurn(dropAfter(BODY, 100_000), dropAfter(BODY, 50_000), serve(BODY)),
  'ok',
  ({ requests, ranges }) => [requests, ranges[0], ranges.slice(1).every((range) => /^bytes=[1-9]/.test(range ?? ''))],
  [3, undefined, true],
);
test('any number of drops is borne while there is progress', one, dropAfter(BODY, 20_000), 'ok');
test(
  'a server that drops all at once is given up',
  one,
  (_request, response) => response.destroy(),
  'unreachable',
  ({ requests }) => requests,
  4,
);
test(
  'a server that knows no ranges sends all again',
  one,
  inTurn(dropAfter(BODY, 100_000), (_request, response) => void response.writeHead(200, { 'content-length': BODY.length }).end(BODY)),
  'ok',
  ({ requests }) => requests,
  2,
);
test('a server that has no such range starts again', one, inTurn(dropAfter(BODY, 100_000), status(416), serve(BODY)), 'ok');
test(
  'another range than the one asked for is not put together',
  one,
  inTurn(
    dropAfter(BODY, 100_000),
    (_request, response) =>
      void response.writeHead(206, { 'content-range': `bytes 5-${BODY.length - 1}/${BODY.length}` }).end(BODY.subarray(5)),
    serve(BODY),
  ),
  'ok',
);
test(
  'a file that changed half-way is fetched once from the start',
  one,
  inTurn(dropAfter(Buffer.alloc(BODY.length, 1), 100_000), serve(BODY), serve(BODY)),
  'ok',
  ({ ranges }) => [ranges.length, ranges[2]],
  [3, undefined],
);
test(
  'a file that changed for good is refused',
  one,
  inTurn(dropAfter(BODY, 100_000), serve(Buffer.alloc(BODY.length, 1))),
  'digest-mismatch',
  ({ requests, failure }) => [requests, failure?.kind],
  [3, 'unverified-input'],
);
test('wrong bytes are refused', one, serve(Buffer.alloc(BODY.length, 1)), 'digest-mismatch', ({ requests }) => requests, 1);
test('a file of another size is not even read', one, serve(BODY.subarray(1)), 'digest-mismatch');
test(
  'a body without an end is cut off',
  one,
  (_request, response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  },
  'digest-mismatch',
);
test.serial(
  'a server that goes silent is left',
  silent,
  inTurn(
    (_request, response) => void response.writeHead(200, { 'content-length': BODY.length }).write(BODY.subarray(0, 5000)),
    serve(BODY),
  ),
  'ok',
  ({ ranges }) => ranges[1],
  'bytes=5000-',
);
test.serial(
  'a server that never answers is left',
  silent,
  () => undefined,
  'unreachable',
  ({ requests, failure }) => [requests, failure?.kind],
  [4, 'infrastructure'],
);
test.serial(
  'a few bytes now and then do not keep a download alive',
  silent,
  inTurn((_request, response) => {
    response.writeHead(200, { 'content-length': BODY.length });
    const timer = setInterval(() => response.write('x'), 50);
    response.on('close', () => clearInterval(timer));
  }, serve(BODY)),
  'ok',
);
test('seconds to wait are honoured', one, inTurn(status(503, { 'retry-after': '7' }), serve(BODY)), 'ok', ({ slept }) => slept, [7000]);
test(
  'a date to wait for is honoured, by the clock of the server',
  one,
  inTurn(status(429, { 'retry-after': 'Wed, 21 Oct 2015 07:28:10 GMT', date: 'Wed, 21 Oct 2015 07:28:00 GMT' }), serve(BODY)),
  'ok',
  ({ slept }) => slept,
  [10_000],
);
test('nobody waits for a day', one, inTurn(status(503, { 'retry-after': '86400' }), serve(BODY)), 'ok', ({ slept }) => slept, [120_000]);
test(
  'pauses grow and are drawn by lot',
  one,
  inTurn(status(500), status(502), status(504), serve(BODY)),
  'ok',
  ({ slept }) => slept,
  [500, 1000, 2000],
);
test('a server that is busy for good is given up', one, status(503), 'unreachable', ({ requests }) => requests, 4);
test(
  'gone is not asked for again',
  one,
  notFound,
  'file-gone',
  ({ requests, failure }) => [requests, failure?.kind, failure?.details?.length],
  [1, 'infrastructure', 2],
);
test('410 is gone, too', one, status(410), 'file-gone');
test('forbidden is not gone', one, status(403), 'unreachable', ({ requests }) => requests, 1);
test('redirects without end are left', one, status(302, { location: '/body.deb' }), 'unreachable', ({ requests }) => requests, 6);
test('a redirect to something that is not http is left', one, status(301, { location: 'file:///etc/passwd' }), 'unreachable');
