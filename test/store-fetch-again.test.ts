import { spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import type { Failure } from '../src/base/result.ts';
import type { Notice } from '../src/base/running.ts';
import { fetchFiles, type Wanted } from '../src/store/fetch.ts';
import { type Handler, inTurn, serve, server, status } from './helpers/server.ts';
import { emptyStore, fetching, fileOf, reasonOf, value } from './helpers/stores.ts';

const BODY = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 251));

const wanted = (over: Partial<Wanted> & Pick<Wanted, 'urls'>): Wanted => ({ file: fileOf(BODY), label: 'body.deb', ...over });

test('an abort stops at once, keeps what there is, and the next run goes on with it', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  const reason: Failure = { kind: 'interrupted', reason: 'interrupted', message: 'Ctrl-C' };
  const controller = new AbortController();
  http.on('/body.deb', inTurn(stopAfter(200_000), serve(BODY)));
  const each = wanted({ urls: [`${http.url}/body.deb`] });
  const tell = (notice: Notice): void => {
    if (notice.kind === 'bytes' && notice.done === 200_000) controller.abort(reason);
  };
  const running = { signal: controller.signal, tell, labels: {} };
  t.deepEqual(await fetchFiles(s.store, [each], fetching({ running })), { ok: false, error: reason });
  t.is((await readdir(join(s.root, 'partial'))).length, 1);
  value(await fetchFiles(s.store, [each], fetching()));
  t.is(http.requests[1]?.range, 'bytes=200000-');
  t.deepEqual(await readdir(join(s.root, 'partial')), []);
});

/** Sends so many bytes and then nothing, for ever. */
function stopAfter(length: number): Handler {
  return (_request, response) => void response.writeHead(200, { 'content-length': BODY.length }).write(BODY.subarray(0, length));
}

test('an abort ends a pause and those who wait for a place', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/a', status(503, { 'retry-after': '60' }));
  const controller = new AbortController();
  setTimeout(() => controller.abort({ kind: 'terminated', reason: 'terminated', message: 'SIGTERM' }), 150);
  const { sleep: _, ...options } = fetching({ signal: controller.signal, connectionsPerHost: 1 });
  const files = ['a', 'b', 'c'].map((name) => ({ file: fileOf(name), label: name, urls: [`${http.url}/a`] }));
  t.is(reasonOf(await fetchFiles(s.store, files, options)), 'terminated');
});

test('a process that is killed in the middle of a download leaves a part that the next one goes on with', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', inTurn(stopAfter(150_000), serve(BODY)));
  const each = wanted({ urls: [`${http.url}/body.deb`] });
  const src = join(import.meta.dirname, '../src/store');
  const script = `
    import { storeOf } from ${JSON.stringify(`${src}/store.ts`)};
    import { fetchFiles } from ${JSON.stringify(`${src}/fetch.ts`)};
    const running = { signal: new AbortController().signal, labels: {}, tell: (notice) => { if (notice.done === 150000) process.kill(process.pid, 'SIGKILL'); } };
    await fetchFiles(storeOf(process.argv[1]), [JSON.parse(process.argv[2])], { running, offline: false, random: () => 0, userAgent: 'killed' });`;
  const signal = await new Promise((resolve) =>
    spawn(process.execPath, ['--input-type=module', '-e', script, s.root, JSON.stringify(each)], { stdio: 'inherit' }).on(
      'close',
      (_code, by) => resolve(by),
    ),
  );
  t.is(signal, 'SIGKILL');
  value(await fetchFiles(s.store, [each], fetching()));
  t.is(http.requests[1]?.range, 'bytes=150000-');
  t.deepEqual(await readdir(join(s.root, 'partial')), []);
});

test('a left part of other bytes, or of too many, does no harm', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', serve(BODY));
  await writeFile(join(s.root, 'partial', `${sha256(BODY)}@left@1`), Buffer.alloc(1000, 9));
  await writeFile(join(s.root, 'partial', `${sha256(BODY)}@left@2`), Buffer.alloc(BODY.length + 1));
  value(await fetchFiles(s.store, [wanted({ urls: [`${http.url}/body.deb`] })], fetching()));
  t.deepEqual(
    http.requests.map(({ range }) => range),
    ['bytes=1000-', undefined],
  );
  t.deepEqual(await readdir(join(s.root, 'partial')), []);
});

test('two runs that want the same file at the same time both get it', async (t) => {
  await using s = await emptyStore();
  await using http = await server();
  http.on('/body.deb', (request, response, count) => void setTimeout(() => serve(BODY)(request, response, count), 50));
  const each = wanted({ urls: [`${http.url}/body.deb`] });
  const results = await Promise.all([1, 2, 3].map(() => fetchFiles(s.store, [each], fetching())));
  t.true(results.every(({ ok }) => ok));
  t.deepEqual(await readdir(join(s.root, 'partial')), []);
});
