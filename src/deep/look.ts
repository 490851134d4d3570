import { posix } from 'node:path';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Artefact } from '../deb/types.ts';
import { type Engine, type Exit, type ImageId, LABEL } from '../docker/engine.ts';
import { packTar, type TarInput } from '../format/tar-write.ts';
import { deepLimits, deepSpec, SIDES } from './plan.ts';
import { lookOf, type Printed } from './reading.ts';
import { sideOf } from './sides.ts';
import type { DeepForm, DeepLimits, DeepLook } from './types.ts';
import type { Wanted } from './wanted.ts';

export type LookRequest = {
  readonly engine: Engine;
  readonly image: ImageId; // has diffoscope
  readonly running: Running;
  readonly first: Artefact;
  readonly second: Artefact;
  readonly wanted?: Wanted | undefined; // files of the package that it gets; the whole artefact when left out
  readonly limits?: DeepLimits; // by the engine's memory when left out
};

/** What diffoscope says, and the forms of its report, as it wrote them. */
export type Looked = { readonly look: Omit<DeepLook, 'files'>; readonly forms: Partial<Readonly<Record<DeepForm, Uint8Array>>> };

/**
 * Runs diffoscope on one artefact in a container that is gone after. A limit that was passed, or a diffoscope that fell over, is a result like
 * any other.
 *
 * @returns a failure of the engine or of the disk, or that of the signal
 */
export async function lookInto(request: LookRequest): Promise<Result<Looked>> {
  const { engine, image, running } = request;
  if (running.signal.aborted) return fail(running.signal.reason as Failure);
  let limits = request.limits;
  if (limits === undefined) {
    const info = await engine.info();
    if (!info.ok) return info;
    limits = deepLimits(info.value.memoryBytes);
  }
  const labels = { ...running.labels, [LABEL.kind]: 'deep' };
  const volume = `twinbuild-${running.labels[LABEL.run] ?? 'run'}-deep`;
  const made = await engine.createVolume({ name: volume, labels });
  if (!made.ok) return made;
  await using undone = new AsyncDisposableStack();
  undone.defer(async () => {
    const removed = await engine.removeVolume(volume);
    if (!removed.ok) running.tell({ kind: 'warning', text: `${removed.error.message} \`twinbuild clean\` removes it later.` });
  });
  const name = posix.basename(request.second.name); // that of a file in a folder is a path
  const container = await engine.createContainer(deepSpec({ image, name: request.wanted ? '' : name, volume, limits, labels }));
  if (!container.ok) return container;
  undone.use(container.value);
  const put = await container.value.putArchive(SIDES, packTar(bothSides(request, name)));
  if (!put.ok) return put;

  const startedMs = performance.now();
  const stdout: Uint8Array[] = [];
  const stderr: Uint8Array[] = [];
  const room = { stdout: limits.reportBytes * 12, stderr: 64 * 1024 };
  const exit = await container.value.run({
    output: (stream, piece) => {
      if (room[stream] < piece.length) room[stream] = 0;
      else (stream === 'stdout' ? stdout : stderr).push(Uint8Array.from(piece));
      room[stream] -= Math.min(room[stream], piece.length);
    },
    timeoutMs: (limits.timeSeconds + 60) * 1000,
    signal: running.signal,
  });
  if (!exit.ok) return exit;
  if (exit.value.stopped === 'aborted') return fail(running.signal.reason as Failure);
  return ok(await lookOf(printed(request, exit.value, limits, stdout, stderr, (performance.now() - startedMs) / 1000)));
}

function printed(
  { second, wanted }: LookRequest,
  exit: Exit,
  limits: DeepLimits,
  stdout: readonly Uint8Array[],
  stderr: readonly Uint8Array[],
  wallSeconds: number,
): Printed {
  const given = [...(wanted ?? [])].flatMap(([part, files]) => [...files].map((file) => `${part} > ${file}`));
  return { name: second.name, given, exit, limits, reports: stdout, words: Buffer.concat(stderr).toString(), wallSeconds };
}

async function* bothSides({ first, second, wanted }: LookRequest, name: string): AsyncGenerator<TarInput> {
  yield* sideOf('first', first, name, wanted);
  yield* sideOf('second', second, name, wanted);
}
