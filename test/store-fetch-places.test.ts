import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../src/base/digest.ts';
import { fetchDocument, fetchFiles, type Wanted } from '../src/store/fetch.ts';
import { backoffMs, retryAfterMs } from '../src/store/retry.ts';
import { dropAfter, inTurn, serve, server, status } from './helpers/server.ts';
import { emptyStore, failed, fetching, fileOf, reasonOf, value } from './helpers/stores.ts';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));
const NOWHERE = 'http://127.0.0.1:1'; // nothing listens there

const wanted = (over: Partial<Wanted> & Pick<Wanted, 'urls'>): Wanted => ({ file: fileOf(BODY), label: 'body.deb', ...over });

test('a redirect to another place is followed, with the range', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/a', status(302, { location: '/b' }));
  http.on('/b', inTurn(dropAfter(BODY, 1000), serve(BODY)));
  value(await fetchFiles(s.store, [wanted({ urls: [`${http.url}/a`] })], fetching()));
  t.deepEqual(
    http.requests.map(({ path, range }) => [path, range !== undefined]),
    [
      ['/a', false],
      ['/b', false],
      ['/a', true],
      ['/b', true],
    ],
  );
});

test('the next place is tried: at once when gone, after wrong bytes, after retries', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/busy', status(503));
  http.on('/wrong', serve(Buffer.alloc(BODY.length)));
  http.on('/right', serve(BODY));
  const urls = ['/gone', '/wrong', '/right'].map((path) => http.url + path);
  value(await fetchFiles(s.store, [wanted({ urls: [`${NOWHERE}/x`, ...urls] })], fetching({ retries: 1 })));
  t.deepEqual(
    http.requests.map(({ path }) => path),
    ['/gone', '/wrong', '/right'],
  );
  t.true(await s.store.has(sha256(BODY)));
});

const missing = test.macro(async (t, ordinary: readonly string[], fallback: readonly string[], expected: string) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/wrong', serve(Buffer.alloc(BODY.length)));
  http.on('/busy', status(503));
  const urlOf = (path: string): string => (path === 'down' ? `${NOWHERE}/x` : `${http.url}/${path}`);
  const result = await fetchFiles(
    s.store,
    [wanted({ urls: ordinary.map(urlOf), fallbackUrls: fallback.map(urlOf) })],
    fetching({ retries: 1 }),
  );
  t.is(reasonOf(result), expected);
  t.is(failed(result).details?.length, 1 + ordinary.length + fallback.length);
  t.truthy(failed(result).next);
});
test('gone everywhere', missing, ['gone', 'gone2'], ['gone3'], 'file-gone');
test('gone from the mirrors, and the last resort is out of reach', missing, ['gone'], ['down'], 'file-gone');
test('one mirror may still have it', missing, ['gone', 'down'], ['gone'], 'unreachable');
test('a mirror that is busy may still have it', missing, ['busy'], ['gone'], 'unreachable');
test('nothing can be reached', missing, ['down'], ['down'], 'unreachable');
test('only the last resort, which does not have it', missing, [], ['gone'], 'file-gone');
test('only the last resort, which is out of reach', missing, [], ['down'], 'unreachable');
test('wrong bytes count most', missing, ['gone', 'wrong'], ['gone'], 'digest-mismatch');

test('all missing files are told at once, and what could be had is there', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/c', serve(Buffer.from('c')));
  const files = ['a', 'b', 'c'].map((name) => ({ file: fileOf(name), label: name, urls: [`${http.url}/${name}`] }));
  const failure = failed(await fetchFiles(s.store, files, fetching()));
  t.deepEqual([failure.reason, failure.details], ['file-gone', ['a', `  ${http.url}/a: HTTP 404`, 'b', `  ${http.url}/b: HTTP 404`]]);
  t.true(await s.store.has(sha256('c')));
});

test('a server that is down costs its tries once, not once for each file', async (t) => {
  await using s = await emptyStore();
  const options = fetching({ retries: 3 });
  const files = Array.from({ length: 60 }, (_, index) => ({ file: fileOf(`${index}`), label: `${index}`, urls: [`${NOWHERE}/${index}`] }));
  t.is(reasonOf(await fetchFiles(s.store, files, options)), 'unreachable');
  t.true(options.slept.length < 60, `${options.slept.length} pauses`);
});

test('so many connections for each server, and no more', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  const names = Array.from({ length: 12 }, (_, index) => `f${index}`);
  for (const name of names) http.on(`/${name}`, (_request, response) => void setTimeout(() => response.end(name), 30));
  value(
    await fetchFiles(
      s.store,
      names.map((name) => ({ file: fileOf(name), label: name, urls: [`${http.url}/${name}`] })),
      fetching({ connectionsPerHost: 3 }),
    ),
  );
  t.is(http.most(), 3);
});

test('one who is told to wait makes all wait', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  let over = false;
  let early = 0;
  for (const name of ['a', 'b', 'c']) {
    http.on(`/${name}`, (_request, response, count) => {
      if (name === 'a' && count === 1) return void response.writeHead(429, { 'retry-after': '1' }).end();
      if (!over) early += 1;
      return void response.end(name);
    });
  }
  const sleep = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    over = true;
  };
  value(
    await fetchFiles(
      s.store,
      ['a', 'b', 'c'].map((name) => ({ file: fileOf(name), label: name, urls: [`${http.url}/${name}`] })),
      fetching({ connectionsPerHost: 1, sleep }),
    ),
  );
  t.is(early, 0);
});

test('offline says what is missing and asks nobody', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  const result = await fetchFiles(s.store, [wanted({ urls: [`${http.url}/body.deb`] })], fetching({ offline: true }));
  t.deepEqual(
    [reasonOf(result), failed(result).kind, failed(result).details, http.requests.length],
    ['offline-missing', 'infrastructure', ['body.deb'], 0],
  );
  value(await fetchFiles(s.store, [], fetching({ offline: true })));
});

test('what is there is not fetched, what is twice is fetched once, what is empty needs nobody', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', serve(BODY));
  const each = wanted({ urls: [`${http.url}/body.deb`] });
  value(await fetchFiles(s.store, [each, each, { file: fileOf(''), label: 'empty', urls: [] }], fetching()));
  value(await fetchFiles(s.store, [each], fetching({ offline: true })));
  t.is(http.requests.length, 1);
  t.true(await s.store.has(sha256(''), 0));
});

test('progress ends with all of it', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', serve(BODY));
  const options = fetching();
  value(await fetchFiles(s.store, [wanted({ urls: [`${http.url}/body.deb`] })], options));
  t.deepEqual(options.notices.at(-1), { kind: 'bytes', label: 'fetching body.deb', done: BODY.length, total: BODY.length });
});

test('a proxy is asked, but not for those that need none', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('http://mirror.invalid/body.deb', serve(BODY));
  http.on('/direct', serve(Buffer.from('direct')));
  const proxies = { http: http.url.replace('http://', ''), none: '127.0.0.1' };
  value(
    await fetchFiles(
      s.store,
      [wanted({ urls: ['http://mirror.invalid/body.deb'] }), { file: fileOf('direct'), label: 'direct', urls: [`${http.url}/direct`] }],
      fetching({ proxies }),
    ),
  );
  t.deepEqual(http.requests.map(({ path }) => path).sort(), ['/direct', 'http://mirror.invalid/body.deb']);
  t.is(
    reasonOf(
      await fetchFiles(
        s.store,
        [wanted({ file: fileOf('z'), urls: ['http://mirror.invalid/z'] })],
        fetching({ proxies: { http: 'socks://x' } }),
      ),
    ),
    'proxy-invalid',
  );
});

test('https goes through a proxy by CONNECT', async (t) => {
  await using s = await emptyStore();
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    connect(1, '127.0.0.1').on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxies = { https: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  t.is(
    reasonOf(await fetchFiles(s.store, [wanted({ urls: ['https://mirror.invalid/body.deb'] })], fetching({ proxies, retries: 0 }))),
    'unreachable',
  );
  t.deepEqual(asked, ['mirror.invalid:443']);
  proxy.close();
});

test('a password in an address goes to its server and not into a message', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  const url = `${http.url.replace('http://', 'http://me:s3cret@')}/gone`;
  const failure = failed(await fetchFiles(s.store, [wanted({ urls: [url] })], fetching()));
  t.is(http.requests[0]?.headers.authorization, `Basic ${Buffer.from('me:s3cret').toString('base64')}`);
  t.false(JSON.stringify(failure).includes('s3cret'));
});

test('a document is fetched whole, up to a limit', async (t) => {
  await using http = await server();
  http.on('/doc', inTurn(dropAfter(BODY, 1000), serve(BODY)));
  const got = value(await fetchDocument({ label: 'doc', urls: [`${http.url}/gone`, `${http.url}/doc`] }, 1e6, fetching()));
  t.deepEqual([Buffer.from(got.bytes).equals(BODY), got.url], [true, `${http.url}/doc`]);
  t.is(reasonOf(await fetchDocument({ label: 'doc', urls: [`${http.url}/doc`] }, 1000, fetching())), 'digest-mismatch');
  t.is(reasonOf(await fetchDocument({ label: 'doc', urls: [`${http.url}/gone`] }, 1000, fetching())), 'file-gone');
});

test('a pause is never longer than its cap, and never negative', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, random) => {
      const ms = backoffMs(failures, random);
      return ms >= 0 && ms <= 30_000;
    }),
  );
  fc.assert(
    fc.property(fc.option(fc.string(), { nil: undefined }), fc.option(fc.string(), { nil: undefined }), (after, date) => {
      const ms = retryAfterMs(after, date);
      return ms === undefined || (ms >= 0 && ms <= 120_000);
    }),
  );
  t.pass();
});
