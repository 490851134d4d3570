import type { Duplex } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import { call, failureFrom, PATIENCE_MS } from './call.ts';
import { demux } from './demux.ts';
import type { Exit, Interaction } from './engine.ts';

/** Connects a person to the command of a container that has not started, starts it, and waits for its end. */
export async function interact(container: Dockerode.Container, interaction: Interaction): Promise<Result<Exit>> {
  const { input, signal } = interaction;
  if (signal.aborted) return ok({ status: 137, outOfMemory: false, timedOut: false, stopped: 'aborted' });
  const before = await call('inspecting a container', PATIENCE_MS.ask, (abortSignal) => container.inspect({ abortSignal }));
  if (!before.ok) return before;
  // With `hijack` the connection becomes one that carries bytes both ways.
  const attached = await call('attaching to a container', PATIENCE_MS.ask, () =>
    container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true }),
  );
  if (!attached.ok) return attached;
  const line = attached.value as Duplex;
  line.on('error', () => {}); // who writes to a command that has ended loses what they wrote
  const terminal = before.value.Config.Tty;
  const output = follow(line, terminal, interaction);
  const started = await call('starting a container', PATIENCE_MS.ask, (abortSignal) => container.start({ abortSignal }));
  if (!started.ok) {
    line.destroy();
    await output;
    return started;
  }
  const kill = () => {
    void call('stopping a container', PATIENCE_MS.ask, (abortSignal) => container.kill({ abortSignal }));
  };
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const still = keepSize(container, interaction);
  input.pipe(line, { end: !terminal }); // an engine that sees the end of a terminal's input stops giving output
  const waited = await call('waiting for a container', Number.POSITIVE_INFINITY, () => container.wait() as Promise<{ StatusCode: number }>);
  input.unpipe(line);
  still();
  signal.removeEventListener('abort', kill);
  const words = await output;
  line.destroy();
  if (!waited.ok) return waited;
  if (!words.ok) return words;
  return ok({ status: waited.value.StatusCode, outOfMemory: false, timedOut: false, stopped: signal.aborted ? 'aborted' : 'no' });
}

/** A terminal gives plain bytes, a pipe frames of both streams. */
async function follow(line: Duplex, terminal: boolean, { output }: Interaction): Promise<Result<void>> {
  try {
    if (terminal) for await (const bytes of line) output('stdout', bytes as Uint8Array);
    else for await (const { stream, bytes } of demux(line)) output(stream, bytes);
    return ok();
  } catch (error) {
    return fail(failureFrom('reading the output of a container', error));
  }
}

/** Tells the container how large the terminal is, now and whenever that changes. */
function keepSize(container: Dockerode.Container, { size, onResize }: Interaction): () => void {
  const tell = () => {
    const now = size?.();
    // A command that ended a moment ago has no size: nobody minds.
    if (now) void call('resizing a terminal', PATIENCE_MS.ask, () => container.resize({ w: now.columns, h: now.rows }));
  };
  tell();
  return onResize?.(tell) ?? (() => {});
}
