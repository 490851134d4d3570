import { readFile } from 'node:fs/promises';
import { type Sha256, sha256 } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { type Container, type ContainerSpec, type Engine, type ImageId, LABEL } from '../docker/engine.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar, type TarEntry } from '../format/tar.ts';
import { PLAIN_MEMBER, packTar, type TarInput } from '../format/tar-write.ts';
import type { Store } from '../store/types.ts';
import { Lines, Memorable } from './lines.ts';
import type { Plan } from './plan.ts';
import { isScratch } from './scratch.ts';
import { WORK } from './steps.ts';

const SCRIPT = new URL('./configure.sh', import.meta.url);
const TIMEOUT_MS = 3_600_000;

/** The digest of what runs in the container. */
export async function scriptDigest(): Promise<Sha256> {
  return sha256(await readFile(SCRIPT));
}

/** A container in which everything is configured. */
export type Configured = {
  readonly deleted: readonly string[]; // relative to the root, as the engine says
  /** The members of what the engine calls modified or added, in byte order of their paths; a stream from the container, each time anew. */
  readonly changed: () => AsyncIterable<TarEntry>;
};

/**
 * Runs the plan's steps in a container of the image that has the plan's layers. Failure: configure-failed (build-failed) when a
 * maintainer script fails or the result is not clean, with the last lines of the output.
 *
 * @param use is given the container's content before it is removed
 */
export async function configured(
  world: { readonly engine: Engine; readonly store: Store; readonly running: Running },
  image: ImageId,
  plan: Plan,
  use: (result: Configured) => Promise<Result<void>>,
): Promise<Result<void>> {
  const { engine, store, running } = world;
  const created = await engine.createContainer(specOf(image, plan.epoch, running));
  if (!created.ok) return created;
  await using container = created.value;
  const put = await container.putArchive('/var/tmp', packTar(inputs(store, plan)));
  if (!put.ok) return put;
  const started = await container.start();
  if (!started.ok) return started;
  const ran = await run(container, ['/bin/sh', `${WORK}/configure.sh`, ...plan.steps], running);
  if (!ran.ok) return ran;
  const changes = await container.changes();
  if (!changes.ok) return changes;
  const relative = changes.value.map(({ path, kind }) => ({ path: path.replace(/^\//, ''), kind }));
  const there = relative.filter(({ path, kind }) => kind !== 'deleted' && !isScratch(path)).map(({ path }) => path);
  const packed = await pack(
    container,
    sortedBy(there, (path) => path),
    running,
  );
  if (!packed.ok) return packed;
  const deleted = relative.filter(({ kind }) => kind === 'deleted').map(({ path }) => path);
  // Awaited: the container must not be removed before its content was read.
  return await use({ deleted, changed: () => membersIn(container) });
}

function specOf(image: ImageId, epoch: number, running: Running): ContainerSpec {
  return {
    image,
    command: ['/bin/sleep', 'infinity'],
    environment: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      TERM: 'dumb',
      SOURCE_DATE_EPOCH: String(epoch), // passwd's tools, fontconfig, gdk-pixbuf, Python and others write it instead of the time
      FORCE_SOURCE_DATE: '1', // makes TeX write SOURCE_DATE_EPOCH into its formats
      DEBIAN_FRONTEND: 'noninteractive',
      DEBCONF_NONINTERACTIVE_SEEN: 'true',
      PKGSYSTEM_ENABLE_FSYNC: '0', // update-mime-database(1): the same result in a tenth of the time
      PYTHONHASHSEED: '0', // sets in a .pyc lie in the order of their hashes
    },
    workingDirectory: '/',
    user: '0:0',
    hostname: 'twinbuild',
    domainname: '',
    hosts: [],
    volumes: [],
    tmpfs: { '/tmp': 'rw,exec,nosuid,nodev,size=1g,mode=1777', '/run': 'rw,exec,nosuid,nodev,size=64m,mode=755' },
    readOnlyRoot: false,
    // What dpkg and maintainer scripts need to give files to system users and to act as them; SETFCAP for setcap in a postinst.
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETFCAP', 'SETGID', 'SETUID'],
    memoryBytes: 4 * 1024 ** 3,
    shmBytes: 64 * 1024 ** 2,
    pids: 2048,
    cpuset: '',
    init: false, // it would leave a mount point in the tree
    labels: { ...running.labels, [LABEL.kind]: 'configure' },
  };
}

async function* inputs(store: Store, plan: Plan): AsyncGenerator<TarInput> {
  const folder = WORK.replace(/^\/var\/tmp\//, '');
  const script = await readFile(SCRIPT);
  yield { member: { ...PLAIN_MEMBER, name: folder, type: 'directory', mode: 0o755 } };
  yield { member: { ...PLAIN_MEMBER, name: `${folder}/configure.sh`, mode: 0o755, size: script.length }, body: script };
  for (const { locked } of plan.late)
    yield { member: { ...PLAIN_MEMBER, name: `${folder}/${locked.sha256}.deb`, size: locked.size }, body: store.read(locked.sha256) };
}

/** Lets tar pack those paths into a file of the container: the archive API takes one path at a time, and there may be thousands. */
async function pack(container: Container, paths: readonly string[], running: Running): Promise<Result<void>> {
  const list = Buffer.concat(paths.map((path) => Buffer.from(`${path}\0`)));
  const folder = WORK.slice(1 + WORK.lastIndexOf('/'));
  const put = await container.putArchive(
    '/var/tmp',
    packTar([{ member: { ...PLAIN_MEMBER, name: `${folder}/changed`, size: list.length }, body: list }]),
  );
  if (!put.ok) return put;
  const options = [
    '--create',
    '--directory=/',
    '--no-recursion',
    '--format=posix',
    '--pax-option=delete=atime,delete=ctime',
    '--numeric-owner',
    '--xattrs',
    '--xattrs-include=security.capability',
  ];
  return run(
    container,
    ['/bin/tar', ...options, '--null', '--verbatim-files-from', `--files-from=${WORK}/changed`, `--file=${WORK}/changed.tar`],
    running,
  );
}

async function* membersIn(container: Container): AsyncGenerator<TarEntry> {
  const outer = await container.getArchive(`${WORK}/changed.tar`);
  if (!outer.ok) throw new StreamFailure(outer.error);
  for await (const { body } of readTar(outer.value, ARCHIVE_LIMITS)) yield* readTar(body, ARCHIVE_LIMITS);
}

async function run(container: Container, command: readonly string[], running: Running): Promise<Result<void>> {
  const memorable = new Memorable(FAULT);
  const lines = new Lines((line) => {
    memorable.add(line);
    running.tell({ kind: 'output', build: 'image', step: 'configure', line });
  });
  const exit = await container.exec(command, {
    output: (stream, piece) => lines.push(stream, piece),
    timeoutMs: TIMEOUT_MS,
    signal: running.signal,
    user: '0:0',
  });
  lines.end();
  if (!exit.ok) return exit;
  if (exit.value.stopped === 'aborted') return fail(running.signal.reason as Failure);
  if (exit.value.status === 0 && !exit.value.timedOut) return ok();
  return fail(configureFailure(memorable.lines(), exit.value));
}

const FAULT = /error processing (?:package|archive) (\S+)/; // dpkg, and configure.sh in its words

/** The failure for a configuration that did not end well; names the package that dpkg names first. */
export function configureFailure(lines: readonly string[], exit: { readonly status: number; readonly timedOut: boolean }): Failure {
  const named = lines.flatMap((line) => FAULT.exec(line)?.[1] ?? [])[0];
  const how = exit.timedOut ? `it took longer than ${TIMEOUT_MS / 60_000} minutes` : `status ${exit.status}`;
  return {
    kind: 'build-failed',
    reason: 'configure-failed',
    message:
      named === undefined
        ? `The packages of the image could not be configured (${how}).`
        : `The package ${escapeControl(named)} could not be configured (${how}).`,
    next: 'Look at the lines of its output below; leave the package out, or lock another version of it.',
    details: lines.map(escapeControl),
  };
}
