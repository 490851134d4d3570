import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { PROJECT, projectRig } from '../helpers/rig.ts';
import { tinyPackage } from '../helpers/tiny.ts';

/** A port of the loopback interface that is free now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

type Remote = AsyncDisposable & { readonly endpoint: string };

/**
 * An engine of its own behind TCP, in a mount namespace in which the folders given are empty: what it was asked to bind from there would
 * not be found.
 */
async function remoteEngine(hidden: readonly string[]): Promise<Remote> {
  await mkdir('/var/lib/twinbuild-test', { recursive: true });
  const home = await mkdtemp('/var/lib/twinbuild-test/engine-');
  const endpoint = `tcp://127.0.0.1:${await freePort()}`;
  const hide = hidden.map((path) => `mount -t tmpfs none '${path}'`).join(' && ');
  const daemon = `exec dockerd -H '${endpoint}' --tls=false --data-root '${home}/data' --exec-root '${home}/exec' --pidfile '${home}/pid' --bridge=none --iptables=false`;
  const child: ChildProcess = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `${hide} && ${daemon}`], {
    stdio: 'ignore',
    cwd: '/',
  });
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 120; tries += 1) {
    const answer = await fetch(`${endpoint.replace('tcp', 'http')}/_ping`).catch(() => undefined);
    if (answer?.ok) return { endpoint, [Symbol.asyncDispose]: stop };
    await sleep(250);
  }
  await stop();
  throw new Error('the second engine did not start');
}

test.serial('builds on an engine behind TCP that can not see our files', async (t) => {
  if (process.getuid?.() !== 0) {
    t.log('only root can start a second engine: not tried');
    t.pass();
    return;
  }
  await using r = await projectRig();
  await r.write(tinyPackage('far', 'echo far > "$OUT/text"'));
  const home = process.env['TWINBUILD_HOME'];
  await using remote = await remoteEngine([r.path, PROJECT, ...(home ? [home] : [])]);
  const environment = { DOCKER_HOST: remote.endpoint };
  const locked = await r.execWith({ environment }, 'lock', 'far');
  t.is(locked.status, 0, locked.stderr);
  const { status, stdout, stderr } = await r.execWith({ environment }, 'repro', 'far', '--json');
  t.is(status, 0, stderr);
  t.is(JSON.parse(stdout).verdict, 'reproducible');
  const diff = await r.exec('diff', join('out', 'far', 'first', 'far_1.0_all.deb'), join('out', 'far', 'second', 'far_1.0_all.deb'));
  t.is(diff.status, 0, diff.stderr);
});
