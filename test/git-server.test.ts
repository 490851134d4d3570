import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGunzip } from 'node:zlib';
import test from 'ava';
import { FLUSH, packet } from '../src/git/pkt-line.ts';
import { git, type Meddler } from './helpers/git.ts';
import { fetched, removeShared, resolved, type World, world } from './helpers/git-world.ts';
import { failed, fetching, value } from './helpers/stores.ts';

test.after.always(removeShared);

const answer =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Meddler =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
const meets = test.macro(async (t, meddler: Meddler, reason: string, words?: RegExp) => {
  await using w = await world();
  w.server.meddler = meddler;
  const failure = failed(await resolved(w.url, 'main'));
  t.is(failure.reason, reason);
  if (words) t.regex(failure.message, words);
});
const ADVERTISED = { 'content-type': 'application/x-git-upload-pack-advertisement' };
test('no repository', meets, answer(404), 'git-no-repository', /There is no git repository at http:\S+ \(HTTP 404\)/);
test('a login', meets, answer(401, { 'www-authenticate': 'Basic' }), 'git-auth', /wants a login \(HTTP 401\)/);
test('a refusal', meets, answer(403), 'git-auth');
test('a teapot', meets, answer(418), 'git-unreachable', /HTTP 418/);
test('a server of plain files', meets, answer(200, { 'content-type': 'text/plain' }, 'abc\trefs/heads/main\n'), 'git-dumb', /text\/plain/);
test('a page', meets, answer(200, { 'content-type': 'text/html; charset=utf-8' }, '<html>'), 'git-dumb', /text\/html/);
test('a page that lies about what it is', meets, answer(200, ADVERTISED, '<html>'), 'git-protocol');
test('an empty answer', meets, answer(200, ADVERTISED), 'git-unreachable', /ended early/);
test('a server that is busy for good', meets, answer(503), 'git-unreachable', /HTTP 503/);
test(
  'a server that cannot cut history',
  meets,
  answer(200, ADVERTISED, '000eversion 2\n0011fetch=filter\n0000'),
  'git-protocol',
  /without its history/,
);
test('an error in place of a list', meets, answer(200, ADVERTISED, '0011ERR go away\n\n0000'), 'git-server', /go away/);
test('a redirect to a file of this machine', meets, answer(302, { location: 'file:///etc/passwd' }), 'git-unreachable', /file:/);
test(
  'a redirect that never ends',
  meets,
  (request, response) => {
    response.writeHead(302, { location: request.url ?? '' }).end();
    return true;
  },
  'git-unreachable',
  /redirects/,
);

test('a server is told nothing that it has not said that it knows', async (t) => {
  await using w = await world();
  const id = await w.repository.git('rev-parse', 'main');
  const bodies: string[] = [];
  w.server.meddler = (request, response) => {
    if (request.method === 'GET') {
      const words = ['version 2\n', 'ls-refs\n', 'fetch=shallow\n'].map((line) => packet(line));
      response.writeHead(200, ADVERTISED).end(Buffer.concat([packet('# service=git-upload-pack\n'), FLUSH, ...words, FLUSH]));
    } else {
      let body = '';
      request.on('data', (piece: Buffer) => {
        body += piece.toString('latin1');
      });
      request.on('end', () => {
        bodies.push(body);
        const answer = Buffer.concat([packet(`${id} refs/heads/main\n`), FLUSH]);
        response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' }).end(answer);
      });
    }
    return true;
  };
  t.is(value(await resolved(w.url, 'main')), id);
  t.deepEqual(bodies, ['0014command=ls-refs\n00010009peel\n001eref-prefix refs/tags/main\n001fref-prefix refs/heads/main\n0000']);
});

test('a redirect of the first question is followed, and the next goes where it led', async (t) => {
  await using w = await world();
  w.server.meddler = (request, response) => {
    if (!request.url?.startsWith('/old')) return false;
    response.writeHead(301, { location: request.url.replace('/old', '/a/b') }).end();
    return true;
  };
  t.is(value(await resolved(`${w.server.url}/old`, 'main')), await w.repository.git('rev-parse', 'main'));
  t.deepEqual(
    w.server.requests.map((one) => one.replace(/\?.*/, '')),
    ['GET /old/info/refs', 'GET /a/b/info/refs', 'POST /a/b/git-upload-pack'],
  );
});

test('a server that is busy once is asked again after a pause', async (t) => {
  await using w = await world();
  let asked = 0;
  w.server.meddler = (_request, response) => {
    asked += 1;
    if (asked > 1) return false;
    response.writeHead(503, { 'retry-after': '7' }).end();
    return true;
  };
  const options = fetching();
  t.true((await resolved(w.url, 'main', options)).ok);
  t.deepEqual(options.slept, [7000]);
});

/** Lets git answer a fetch, and cuts the answer off after so many bytes, so many times. */
function cutting(bytes: number, times: number): (w: World) => Meddler {
  return (w) => {
    let cut = 0;
    return (request: IncomingMessage, response: ServerResponse) => {
      if (request.method !== 'POST' || cut >= times) return false;
      const parts: Buffer[] = [];
      const body = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request;
      body.on('data', (piece: Buffer) => void parts.push(piece));
      body.on('end', () => {
        if (!Buffer.concat(parts).includes('command=fetch')) return;
        cut += 1;
        const packs = git(w.repository.path, ['upload-pack', '--stateless-rpc', '.'], Buffer.concat(parts), { GIT_PROTOCOL: 'version=2' });
        void packs.then((whole) => {
          response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result', 'content-length': whole.length });
          response.write(whole.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
        });
      });
      return true;
    };
  };
}

test('a pack that breaks off is asked for again', async (t) => {
  await using w = await world();
  w.server.meddler = cutting(100, 2)(w);
  const id = await w.repository.git('rev-parse', 'main');
  t.deepEqual(
    value(await fetched(w.url, id))
      .split('\n')
      .sort(),
    ['blob', 'commit', 'tree'],
  );
});

test('a pack that always breaks off is a failure', async (t) => {
  await using w = await world();
  w.server.meddler = cutting(100, 100)(w);
  const failure = failed(await fetched(w.url, await w.repository.git('rev-parse', 'main')));
  t.is(`${failure.kind} ${failure.reason}`, 'infrastructure git-unreachable');
});

test('a pack larger than may be is not read to its end', async (t) => {
  await using w = await world();
  const failure = failed(await fetched(w.url, await w.repository.git('rev-parse', 'main'), { mostBytes: 50 }));
  t.is(`${failure.kind} ${failure.reason}`, 'unverified-input git-limit');
});

test('a server that says nothing is left', async (t) => {
  await using w = await world();
  w.server.meddler = () => true;
  const failure = failed(await resolved(w.url, 'main', fetching({ stallMs: 50, retries: 1 })));
  t.is(failure.reason, 'git-unreachable');
  t.regex(failure.message, /no answer in time/);
});

test('Ctrl-C ends it', async (t) => {
  await using w = await world();
  const stop = new AbortController();
  w.server.meddler = () => {
    stop.abort({ kind: 'interrupted', reason: 'sigint', message: 'Stopped' });
    return true;
  };
  t.is(failed(await resolved(w.url, 'main', fetching({ signal: stop.signal }))).reason, 'sigint');
});
