import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { CLOSED } from '../docker/closed.ts';
import { type ContainerSpec, type Engine, type ImageId, LABEL } from '../docker/engine.ts';
import { PLAIN_MEMBER, packTar, type TarInput } from '../format/tar-write.ts';

/** A throw-away container of the base image, for what only Debian's own tools know. No network, no capabilities. */
export type Workshop = { readonly engine: Engine; readonly image: ImageId; readonly running: Running };

export type Script = {
  readonly doing: string; // for messages: 'solving the build-dependencies of hello'
  readonly script: string; // for /bin/sh -e
  readonly words: readonly string[]; // $1, $2 … of the script
  readonly files: AsyncIterable<TarInput> | Iterable<TarInput>; // put at / before it starts; see file and folder
  readonly environment: Readonly<Record<string, string>>;
  readonly user: 'root' | 'nobody';
  readonly timeoutMs: number;
};

/** What came out: the exit status, and both streams as text. */
export type Words = { readonly status: number; readonly stdout: string; readonly stderr: string };

const MOST_BYTES = 64 * 1024 ** 2;

/** Runs a script in a container that is gone after. A status other than 0 is for the caller to judge; being stopped is a failure. */
export async function runScript(
  { engine, image, running }: Workshop,
  { doing, script, words, files, environment, user, timeoutMs }: Script,
): Promise<Result<Words>> {
  const spec: ContainerSpec = {
    ...CLOSED,
    image,
    command: ['/bin/sh', '-ec', script, 'sh', ...words],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/tmp', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...environment },
    workingDirectory: '/',
    user: user === 'root' ? '0:0' : '65534:65534',
    labels: { ...running.labels, [LABEL.kind]: 'solve' },
  };
  const made = await engine.createContainer(spec);
  if (!made.ok) return made;
  await using container = made.value;
  const put = await container.putArchive('/', packTar(files));
  if (!put.ok) return put;
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let bytes = 0;
  const exit = await container.run({
    output: (stream, piece) => {
      bytes += piece.length;
      if (bytes <= MOST_BYTES) pieces[stream].push(Uint8Array.from(piece));
    },
    timeoutMs,
    signal: running.signal,
  });
  if (!exit.ok) return exit;
  if (exit.value.stopped === 'aborted') return fail(running.signal.reason as Failure);
  const broken = (reason: string, message: string): Result<never> => fail({ kind: 'infrastructure', reason, message });
  if (exit.value.timedOut) return broken('workshop-timeout', `${doing} took more than ${timeoutMs / 1000} seconds`);
  if (exit.value.outOfMemory) return broken('workshop-memory', `${doing} needed more than ${CLOSED.memoryBytes / 1024 ** 3} GiB of memory`);
  if (bytes > MOST_BYTES) return broken('workshop-output', `${doing} printed more than ${MOST_BYTES / 1024 ** 2} MiB`);
  return ok({
    status: exit.value.status,
    stdout: Buffer.concat(pieces.stdout).toString(),
    stderr: Buffer.concat(pieces.stderr).toString(),
  });
}

/** A file for a workshop, readable for everybody, owned by root. */
export function file(name: string, body: string | { readonly bytes: AsyncIterable<Uint8Array>; readonly size: number }): TarInput {
  if (typeof body === 'string') {
    const bytes = Buffer.from(body);
    return { member: { ...PLAIN_MEMBER, name, size: bytes.length }, body: bytes };
  }
  return { member: { ...PLAIN_MEMBER, name, size: body.size }, body: body.bytes };
}

/** A folder for a workshop. The engine makes those that nobody named with an owner and a mode of its own. */
export function folder(name: string): TarInput {
  return { member: { ...PLAIN_MEMBER, name, type: 'directory', mode: 0o755 } };
}
