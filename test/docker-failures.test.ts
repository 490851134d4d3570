import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { StreamFailure } from '../src/base/result.ts';
import { connect } from '../src/docker/dockerode.ts';
import type { ContainerSpec, Engine } from '../src/docker/engine.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on a socket that speaks as much of an engine as a test wants, to break where a real one never does on command. */
async function serve(answers: Readonly<Record<string, Answer>>) {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-engine-'));
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '');
    const answer = answers[`${request.method} ${path}`];
    request.on('error', () => {});
    if (answer) answer(request, response);
    else if (path === '/version') json(200, { ApiVersion: '1.41', Os: 'linux', Version: '20.10.0' })(request, response);
    else json(404, { message: `no ${path}` })(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  const path = join(folder, 'engine.sock');
  await new Promise<void>((ready) => server.listen(path, ready));
  const die = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    path,
    die,
    async [Symbol.asyncDispose]() {
      die();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true });
    },
  };
}

const json =
  (status: number, value: unknown): Answer =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };

async function engineAt(path: string): Promise<Engine> {
  const engine = await connect({ origin: 'DOCKER_HOST', candidates: [{ kind: 'socket', path }] });
  if (!engine.ok) throw new Error(engine.error.message);
  return engine.value;
}

const SPEC: ContainerSpec = {
  image: `sha256:${'0'.repeat(64)}`,
  command: ['true'],
  environment: {},
  workingDirectory: '/',
  user: '0:0',
  hostname: 'h',
  domainname: '',
  hosts: [],
  volumes: [],
  tmpfs: {},
  readOnlyRoot: true,
  capabilities: [],
  memoryBytes: 1e8,
  shmBytes: 1e6,
  pids: 9,
  cpuset: '',
  init: true,
  labels: {},
};
const options = { output: () => {}, timeoutMs: 60_000, signal: new AbortController().signal };

test('no engine says what to do in two lines', async (t) => {
  const engine = await connect({ origin: 'default', candidates: [{ kind: 'socket', path: '/nowhere/engine.sock' }] }, 'linux');
  t.false(engine.ok);
  if (engine.ok) return;
  t.is(engine.error.kind, 'preflight');
  t.is(engine.error.reason, 'no-engine');
  t.regex(engine.error.message, /unix:\/\/\/nowhere\/engine\.sock: there is no such socket/);
  t.regex(engine.error.next ?? '', /apt-get install docker\.io/);
  t.regex((engine.error.details ?? []).join(), /DOCKER_HOST/);
});

test('the first candidate that answers is taken', async (t) => {
  await using server = await serve({});
  const engine = await connect({
    origin: 'default',
    candidates: [
      { kind: 'socket', path: '/nowhere/engine.sock' },
      { kind: 'socket', path: server.path },
    ],
  });
  t.is(engine.ok && engine.value.endpoint, `unix://${server.path}`);
});

const refused = test.macro(async (t, version: object, reason: string) => {
  await using server = await serve({ 'GET /version': json(200, version) });
  const engine = await connect({ origin: 'default', candidates: [{ kind: 'socket', path: server.path }] });
  t.is(!engine.ok && engine.error.reason, reason);
});
test('an old engine is refused', refused, { ApiVersion: '1.39', Os: 'linux' }, 'engine-too-old');
test('an engine of Windows containers is refused', refused, { ApiVersion: '1.43', Os: 'windows' }, 'engine-not-linux');

test('an engine that dies while a container runs is a failure, soon', async (t) => {
  await using server = await serve({
    'POST /containers/create': json(201, { Id: 'c1' }),
    'POST /containers/c1/attach': (_request, response) => response.writeHead(200).flushHeaders(),
    'POST /containers/c1/start': (_request, response) => response.writeHead(204).end(),
    'POST /containers/c1/wait': (_request, response) => {
      response.writeHead(200).flushHeaders(); // as the engine does: the status comes when the container ends
      setTimeout(() => server.die(), 50);
    },
  });
  const container = await (await engineAt(server.path)).createContainer(SPEC);
  if (!container.ok) return t.fail(container.error.message);
  const exit = await container.value.run(options);
  t.is(!exit.ok && exit.error.kind, 'infrastructure');
  t.is(!exit.ok && exit.error.reason, 'engine-lost');
});

test('an error line inside of the answer to a load is a failure', async (t) => {
  await using server = await serve({
    'POST /images/load': (request, response) => {
      request.resume();
      request.on('end', () =>
        response
          .writeHead(200)
          .end('{"stream":"Loading"}\n{"errorDetail":{"message":"x"},"error":"write /layer: no space left on device"}\n'),
      );
    },
  });
  const loaded = await (await engineAt(server.path)).loadImage(pieces('tar'));
  t.is(!loaded.ok && loaded.error.reason, 'engine-disk-full');
});

test('a failure inside of an archive that we send keeps its words', async (t) => {
  await using server = await serve({
    'POST /images/load': (request) => request.resume(),
  });
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('tar');
    throw new StreamFailure({ kind: 'unverified-input', reason: 'digest-mismatch', message: 'Not what was locked.' });
  }
  const loaded = await (await engineAt(server.path)).loadImage(broken());
  t.is(!loaded.ok && loaded.error.reason, 'digest-mismatch');
});

test('what is gone already counts as removed', async (t) => {
  await using server = await serve({});
  const engine = await engineAt(server.path);
  t.true((await engine.removeVolume('v')).ok);
  t.true((await engine.removeContainer('c')).ok);
  t.true((await engine.removeImage('sha256:1')).ok);
  t.deepEqual(await engine.hasImage('sha256:1'), { ok: true, value: false });
});

test('a volume in use is tried again until it is free', async (t) => {
  let asked = 0;
  await using server = await serve({
    'DELETE /volumes/v': (request, response) => {
      asked += 1;
      if (asked < 3) json(409, { message: 'volume is in use' })(request, response);
      else response.writeHead(204).end();
    },
  });
  t.true((await (await engineAt(server.path)).removeVolume('v')).ok);
  t.is(asked, 3);
});

test.serial('ssh goes through the program of the user', async (t) => {
  await using server = await serve({});
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-ssh-'));
  const bridge = `const s = require('net').connect(${JSON.stringify(server.path)}); process.stdin.pipe(s); s.pipe(process.stdout);`;
  await writeFile(
    join(folder, 'ssh'),
    `#!/bin/sh\necho "$@" > ${folder}/arguments\nexec '${process.execPath}' -e ${JSON.stringify(bridge).replaceAll('$', '\\$')}\n`,
  );
  await chmod(join(folder, 'ssh'), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  try {
    const engine = await connect({
      origin: 'DOCKER_HOST',
      candidates: [{ kind: 'ssh', host: 'far', port: 23, user: 'me', socket: undefined }],
    });
    t.is(engine.ok && engine.value.endpoint, 'ssh://me@far:23');
    t.deepEqual(engine.ok && (await engine.value.hasImage('sha256:1')), { ok: true, value: false });
  } finally {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true });
  }
});

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
