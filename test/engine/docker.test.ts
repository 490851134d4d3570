import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import test from 'ava';
import { StreamFailure } from '../../src/base/result.ts';
import { removeLeftovers } from '../../src/build/leftovers.ts';
import { type ContainerSpec, type Exit, LABEL } from '../../src/docker/engine.ts';
import { ARCHIVE_LIMITS } from '../../src/format/limits.ts';
import { readTar } from '../../src/format/tar.ts';
import { packTar } from '../../src/format/tar-write.ts';
import { labelsOfARun, leftOf, must, spec, theEngine } from '../helpers/engine.ts';

type Ran = { readonly exit: Exit; readonly stdout: Buffer; readonly stderr: Buffer };

/** Runs a shell script in a container of its own. */
async function run(
  script: string,
  over: Partial<ContainerSpec> = {},
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Ran> {
  await using container = must(await (await theEngine()).createContainer(await spec({ command: ['/bin/sh', '-c', script], ...over })));
  const pieces = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const exit = must(
    await container.run({
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      ...options,
      output: (stream, piece) => pieces[stream].push(piece),
    }),
  );
  return { exit, stdout: Buffer.concat(pieces.stdout), stderr: Buffer.concat(pieces.stderr) };
}

const ENDED = { status: 0, outOfMemory: false, timedOut: false, stopped: 'no' } as const;

const ends = test.macro(async (t, script: string, expected: Exit, over: Partial<ContainerSpec> = {}, timeoutMs: number = 60_000) => {
  t.deepEqual((await run(script, over, { timeoutMs })).exit, expected);
});

test.serial('a status comes back', ends, 'exit 7', { ...ENDED, status: 7 });
test.serial('a kill by the shell is a status', ends, 'kill -9 $$', { ...ENDED, status: 137 });
test.serial(
  'too much memory is told apart',
  ends,
  'head -c 500M /dev/zero | tail',
  { ...ENDED, status: 137, outOfMemory: true },
  { memoryBytes: 64 * 1024 ** 2, init: false, command: ['/usr/bin/tail', '/dev/zero'] },
);
test.serial('a time limit is told apart', ends, 'sleep 60', { ...ENDED, status: 137, timedOut: true }, {}, 500);

test.serial('output comes whole, on two streams, to its last byte', async (t) => {
  const { exit, stdout, stderr } = await run(
    'i=0; while [ $i -lt 200 ]; do head -c 20000 /dev/zero | tr "\\0" "x"; echo "$i" >&2; i=$((i + 1)); done; printf end',
  );
  t.deepEqual(exit, ENDED);
  t.is(stdout.length, 200 * 20_000 + 3);
  t.is(
    createHash('sha256').update(stdout).digest('hex'),
    createHash('sha256')
      .update(`${'x'.repeat(4_000_000)}end`)
      .digest('hex'),
  );
  t.is(stderr.toString(), Array.from({ length: 200 }, (_, i) => `${i}\n`).join(''));
});

test.serial('a signal stops a container', async (t) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 500);
  const { exit } = await run('sleep 60', {}, { signal: stop.signal });
  t.deepEqual(exit, { ...ENDED, status: 137, stopped: 'aborted' });
});

test.serial('what it used is counted', async (t) => {
  const samples: number[] = [];
  await using container = must(
    await (await theEngine()).createContainer(await spec({ command: ['/bin/sh', '-c', 'timeout 3 sh -c "while :; do :; done"'] })),
  );
  must(
    await container.run({
      timeoutMs: 60_000,
      signal: new AbortController().signal,
      output: () => {},
      usage: ({ cpuSeconds }) => samples.push(cpuSeconds),
    }),
  );
  t.true((samples.at(-1) ?? 0) > 0.2, String(samples));
});

const member = {
  mode: 0o640,
  uid: 4_000_000,
  gid: 5,
  uname: '',
  gname: '',
  mtimeSeconds: 1_700_000_000,
  size: 0,
  link: '',
  devmajor: 0,
  devminor: 0,
  pax: {},
} as const;

test.serial('files go in and out of a volume, on a disk and in memory', async (t) => {
  const engine = await theEngine();
  for (const tmpfsBytes of [undefined, 16 * 1024 ** 2]) {
    const labels = labelsOfARun();
    const volume = `twinbuild-${labels[LABEL.run]}`;
    must(await engine.createVolume({ name: volume, labels, ...(tmpfsBytes === undefined ? {} : { tmpfsBytes }) }));
    {
      await using holder = must(
        await engine.createContainer(
          await spec({ labels, command: ['/bin/sleep', '60'], volumes: [{ volume, path: '/build' }], readOnlyRoot: false }),
        ),
      );
      must(await holder.start());
      must(
        await holder.putArchive(
          '/',
          packTar([
            { member: { ...member, name: 'build', type: 'directory', mode: 0o750 } },
            { member: { ...member, name: 'build/file', type: 'file', size: 3 }, body: Buffer.from('abc') },
          ]),
        ),
      );
      const seen = await run('stat -c "%n %u %g %a %Y" /build /build/file; cat /build/file', {
        labels,
        volumes: [{ volume, path: '/build' }],
        user: '4000000:5',
      });
      t.is(seen.stdout.toString(), '/build 4000000 5 750 1700000000\n/build/file 4000000 5 640 1700000000\nabc');
      const entries: string[] = [];
      for await (const {
        member: { name, uid, size },
      } of readTar(must(await holder.getArchive('/build/file')), ARCHIVE_LIMITS))
        entries.push(`${name} ${uid} ${size}`);
      t.deepEqual(entries, ['file 4000000 3']);
      const gone = await holder.getArchive('/build/none');
      t.is(!gone.ok && gone.error.kind, 'infrastructure');
      t.false((await holder.putArchive('/build/none', packTar([]))).ok);
      const broken = await holder.putArchive('/build', brokenOff());
      t.is(!broken.ok && broken.error.reason, 'digest-mismatch');
      const listed = await holder.exec(['/bin/sh', '-c', 'echo $(id -u); exit 3'], {
        user: '4000000:5',
        timeoutMs: 9000,
        signal: new AbortController().signal,
        output: (_stream, piece) => t.is(Buffer.from(piece).toString(), '4000000\n'),
      });
      t.is(must(listed).status, 3);
      t.deepEqual(
        (await leftOf(labels)).map((line) => line.split(' ')[0]),
        ['container', 'volume'],
      );
    }
    must(await engine.removeVolume(volume));
    t.deepEqual(await leftOf(labels), []);
  }
});

test.serial('what is no image is refused', async (t) => {
  const loaded = await (await theEngine()).loadImage(once(Buffer.alloc(2048, 65)));
  t.is(!loaded.ok && loaded.error.kind, 'infrastructure');
});

test.serial('a container of an image that is not there is refused', async (t) => {
  const made = await (await theEngine()).createContainer(await spec({ image: `sha256:${'0'.repeat(64)}` }));
  t.is(!made.ok && made.error.reason, 'image-missing');
});

test.serial('what a dead runner left is removed, what a live one has stays', async (t) => {
  const engine = await theEngine();
  const live = labelsOfARun();
  const dead: Readonly<Record<string, string>> = { ...labelsOfARun(), [LABEL.process]: 'gone/1/1' };
  for (const labels of [live, dead]) must(await engine.createVolume({ name: `twinbuild-${labels[LABEL.run]}`, labels }));
  must(await engine.createContainer(await spec({ labels: dead, volumes: [{ volume: `twinbuild-${dead[LABEL.run]}`, path: '/build' }] })));
  t.is((await leftOf(dead)).length, 2);
  const removed = must(await removeLeftovers(engine, { alive: async (label) => label !== 'gone/1/1' }));
  t.deepEqual(removed, { containers: 1, volumes: 1, keptVolumes: 0 });
  t.deepEqual(await leftOf(dead), []);
  t.is((await leftOf(live)).length, 1);
  must(await engine.removeVolume(`twinbuild-${live[LABEL.run]}`));
});

test.serial('a person talks to a command through a terminal, and through a pipe', async (t) => {
  const engine = await theEngine();
  const talk = async (stdin: 'terminal' | 'pipe', script: string, typed: string) => {
    await using container = must(await engine.createContainer(await spec({ stdin, command: ['/bin/sh', '-c', script] })));
    let seen = '';
    const exit = must(
      await container.interact({
        input: Readable.from([Buffer.from(typed)]),
        output: (stream, piece) => {
          seen += `${stream === 'stderr' ? '!' : ''}${Buffer.from(piece)}`;
        },
        signal: new AbortController().signal,
        size: () => ({ columns: 91, rows: 37 }),
      }),
    );
    return { status: exit.status, seen };
  };
  const terminal = await talk('terminal', 'read word; sleep 1; test -t 0 && stty size && echo "got $word"; exit 5', 'hello\n');
  t.is(terminal.status, 5);
  t.regex(terminal.seen, /37 91\r\n/);
  t.regex(terminal.seen, /got hello\r\n/);
  // The end of the input reaches the command.
  t.deepEqual(await talk('pipe', 'cat; echo wrong >&2', 'a\nb\n'), { status: 0, seen: 'a\nb\n!wrong\n' });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  for await (const piece of packTar([{ member: { ...member, name: 'new', type: 'directory' } }])) yield piece.subarray(0, 600);
  throw new StreamFailure({ kind: 'unverified-input', reason: 'digest-mismatch', message: 'Not what was locked.' });
}
