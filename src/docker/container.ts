import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Result } from '../base/result.ts';
import { fail, ok, StreamFailure } from '../base/result.ts';
import { call, failureFrom, PATIENCE_MS, signalled, statusOf } from './call.ts';
import { demux } from './demux.ts';
import type { Container, Exit, Interaction, RunOptions } from './engine.ts';
import { interact } from './interact.ts';
import { watchUsage } from './usage.ts';

const CHANGES = ['modified', 'added', 'deleted'] as const;

/** A container of dockerode behind our interface. */
export class DockerodeContainer implements Container {
  readonly #docker: Dockerode;
  readonly #container: Dockerode.Container;

  constructor(docker: Dockerode, id: string) {
    this.#docker = docker;
    this.#container = docker.getContainer(id);
  }

  get id(): string {
    return this.#container.id;
  }

  async putArchive(path: string, tar: AsyncIterable<Uint8Array>): Promise<Result<void>> {
    const bytes = Readable.from(tar, { objectMode: false });
    const put = await call(`copying files into ${path} of a container`, PATIENCE_MS.copy, async (abortSignal) => {
      await this.#container.putArchive(bytes, signalled(abortSignal, { path, noOverwriteDirNonDir: '1' }));
    });
    bytes.destroy();
    return put;
  }

  async start(): Promise<Result<void>> {
    return call('starting a container', PATIENCE_MS.ask, async (abortSignal) => {
      await this.#container.start({ abortSignal });
    });
  }

  async run(options: RunOptions): Promise<Result<Exit>> {
    if (options.signal.aborted) return ok({ status: 137, outOfMemory: false, timedOut: false, stopped: 'aborted' });
    // Attached before the start, so that the first byte is not lost.
    const attached = await call('attaching to a container', PATIENCE_MS.ask, () =>
      this.#container.attach({ stream: true, stdout: true, stderr: true }),
    );
    if (!attached.ok) return attached;
    const output = follow(attached.value, options.output);
    const started = await this.start();
    if (!started.ok) {
      destroy(attached.value);
      await output;
      return started;
    }
    await using _usage = watchUsage(this.#container, options.usage);
    const ending = this.#ending(options);
    // The connection of the output breaks when the engine dies; the answer to `wait` would then never come.
    const waited = call(
      'waiting for a container',
      Number.POSITIVE_INFINITY,
      () => this.#container.wait() as Promise<{ StatusCode: number }>,
    );
    const first = await Promise.race([waited, output.then((words) => (words.ok ? waited : words))]);
    ending.stop();
    if (!first.ok) {
      destroy(attached.value);
      return first;
    }
    const words = await output;
    if (!words.ok) return words;
    const state = await call('inspecting a container', PATIENCE_MS.ask, (abortSignal) => this.#container.inspect({ abortSignal }));
    if (!state.ok) return state;
    return ok({ status: first.value.StatusCode, outOfMemory: state.value.State.OOMKilled, ...ending.why() });
  }

  interact(interaction: Interaction): Promise<Result<Exit>> {
    return interact(this.#container, interaction);
  }

  async exec(command: readonly string[], options: RunOptions & { readonly user: string }): Promise<Result<Exit>> {
    const made = await call('preparing a command in a container', PATIENCE_MS.ask, () =>
      this.#container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, User: options.user }),
    );
    if (!made.ok) return made;
    const started = await call('running a command in a container', PATIENCE_MS.ask, () => made.value.start({ Detach: false, Tty: false }));
    if (!started.ok) return started;
    const output = follow(started.value, options.output);
    // Closing the stream does not end the process: only the end of the container does, and that is up to the caller.
    const ending = endingOf(options, () => destroy(started.value));
    const words = await output;
    ending.stop();
    const { timedOut, stopped } = ending.why();
    if (timedOut || stopped !== 'no') return ok({ status: 137, outOfMemory: false, timedOut, stopped });
    if (!words.ok) return words;
    const state = await call('inspecting a command', PATIENCE_MS.ask, (abortSignal) => made.value.inspect({ abortSignal }));
    return state.ok ? ok({ status: state.value.ExitCode ?? 137, outOfMemory: false, timedOut, stopped }) : state;
  }

  async getArchive(path: string): Promise<Result<AsyncIterable<Uint8Array>>> {
    const doing = `copying ${path} out of a container`;
    const got = await call(doing, PATIENCE_MS.ask, () => this.#container.getArchive({ path }));
    return got.ok ? ok(carried(doing, got.value as unknown as Readable)) : got;
  }

  async changes(): ReturnType<Container['changes']> {
    const got = await call('asking what a container changed', PATIENCE_MS.copy, (abortSignal) => this.#container.changes({ abortSignal }));
    if (!got.ok) return got;
    const list = (got.value ?? []) as readonly { readonly Path: string; readonly Kind: number }[];
    return ok(list.map(({ Path, Kind }) => ({ path: Path, kind: CHANGES[Kind] ?? 'modified' })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeContainer(this.#docker, this.id);
  }

  #ending(options: RunOptions): Ending {
    return endingOf(options, () => {
      void call('stopping a container', PATIENCE_MS.ask, (abortSignal) => this.#container.kill({ abortSignal }));
    });
  }
}

/** Kills and removes a container, and waits until it is gone, so that its volumes can be removed. One that is not there is fine. */
export async function removeContainer(docker: Dockerode, id: string): Promise<Result<void>> {
  for (let attempt = 0; ; attempt += 1) {
    const removed = await call('removing a container', PATIENCE_MS.ask, (abortSignal) =>
      docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
    );
    if (removed.ok || statusOf(removed.error) === 404) return ok();
    // 409: another removal is under way. 500: the file system was still busy.
    if (attempt === 20 || statusOf(removed.error) === undefined) return removed;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

type Ending = { readonly stop: () => void; readonly why: () => Pick<Exit, 'timedOut' | 'stopped'> };

/** Ends something at its time limit or when its signal says so, and remembers which of the two it was. */
function endingOf(options: RunOptions, end: () => void): Ending {
  let timedOut = false;
  let stopped: Exit['stopped'] = 'no';
  const abort = () => {
    stopped = 'aborted';
    end();
  };
  // A timer holds at most 31 bits of milliseconds.
  const timer = setTimeout(
    () => {
      timedOut = true;
      end();
    },
    Math.min(options.timeoutMs, 2 ** 31 - 1),
  );
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  return {
    stop() {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', abort);
    },
    why: () => ({ timedOut, stopped }),
  };
}

async function follow(stream: NodeJS.ReadableStream, output: RunOptions['output']): Promise<Result<void>> {
  try {
    for await (const { stream: name, bytes } of demux(stream as Readable)) output(name, bytes);
    return ok();
  } catch (error) {
    return fail(failureFrom('reading the output of a container', error));
  }
}

async function* carried(doing: string, stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new StreamFailure(failureFrom(doing, error));
  } finally {
    stream.destroy();
  }
}

function destroy(stream: NodeJS.ReadableStream): void {
  (stream as Readable).destroy();
}
