import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import test from 'ava';
import Dockerode from 'dockerode';
import { must, theEngine } from '../helpers/engine.ts';
import { PROJECT, rig } from '../helpers/rig.ts';

const SOCKET = '/var/run/docker.sock';

/** A folder as a tar stream. */
function folderTar(folder: string): NodeJS.ReadableStream {
  return spawn('tar', ['-C', folder, '--owner=0', '--group=0', '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout;
}

/** Collects what is written to it. */
function collector(): { readonly sink: Writable; readonly text: () => string } {
  let text = '';
  const sink = new Writable({
    write(piece: Buffer, _encoding, done) {
      text += piece.toString();
      done();
    },
  });
  return { sink, text: () => text };
}

/** Builds the Dockerfile on a base, without a network, and gives the image's id. */
async function buildImage(docker: Dockerode, context: string, base: string, tag: string): Promise<string> {
  const stream = await docker.buildImage(folderTar(context), { t: tag, buildargs: { BASE: base }, networkmode: 'none', forcerm: true });
  const events = await new Promise<{ stream?: string; error?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all as { stream?: string; error?: string }[])));
  });
  const failed = events.find(({ error }) => error !== undefined);
  if (failed) throw new Error(failed.error);
  return (await docker.getImage(tag).inspect()).Id;
}

test('the tool, packed on an image of its own making, builds hello twice from inside', async (t) => {
  t.timeout(900_000);
  const docker = new Dockerode();
  const scratch = await mkdtemp(join(tmpdir(), 'twinbuild-pack-'));
  const tag = `twinbuild-test/packed:${process.pid}`;
  await using r = await rig();
  const home = join(scratch, 'home');
  const twinbuild = async (environment: Record<string, string>, ...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await r.execWith({ cwd: PROJECT, environment }, ...args, '--relock-if-gone', '--json');
    t.is(status, 0, stderr);
    return stdout;
  };
  try {
    const { image } = JSON.parse(await twinbuild({}, 'image', 'toolchain')) as { image: `sha256:${string}` };
    const base = `twinbuild-test/base:${process.pid}`;
    must(await (await theEngine()).tagImage(image, 'twinbuild-test/base', String(process.pid)));
    await promisify(execFile)(process.execPath, [join(PROJECT, 'scripts/pack.ts'), join(scratch, 'context/dist')]);
    await cp(join(PROJECT, 'Dockerfile'), join(scratch, 'context/Dockerfile'));
    const packed = await buildImage(docker, join(scratch, 'context'), base, tag);
    await twinbuild({ TWINBUILD_HOME: home }, 'fetch', 'hello'); // the container has no network: it gets a store that is full

    const container = await docker.createContainer({
      Image: packed,
      Cmd: ['repro', 'hello', '--offline', '--json', '--relock-if-gone'],
      Env: ['CI=true'],
      HostConfig: { NetworkMode: 'none', Binds: [`${SOCKET}:${SOCKET}`] }, // the one mount anywhere: it lends this container the engine
    });
    try {
      await container.putArchive(folderTar(home), { path: '/var/cache/twinbuild' });
      const output = await container.attach({ stream: true, stdout: true, stderr: true });
      const [stdout, stderr] = [collector(), collector()];
      docker.modem.demuxStream(output, stdout.sink, stderr.sink);
      const ended = new Promise((resolve) => output.on('end', resolve));
      await container.start();
      const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
      await ended;
      t.is(status, 0, stderr.text());
      t.is((JSON.parse(stdout.text()) as { verdict: string }).verdict, 'reproducible');
    } finally {
      await container.remove({ force: true, v: true });
    }
  } finally {
    await docker
      .getImage(tag)
      .remove({ force: true })
      .catch(() => undefined);
    await docker
      .getImage(`twinbuild-test/base:${process.pid}`)
      .remove()
      .catch(() => undefined);
    await rm(scratch, { recursive: true, force: true });
  }
});
