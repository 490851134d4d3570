import { createReadStream } from 'node:fs';
import { posix } from 'node:path';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Artefact } from '../deb/types.ts';
import { type Engine, type Exit, type ImageId, LABEL } from '../docker/engine.ts';
import type { TarMember } from '../format/tar.ts';
import { packTar, type TarInput } from '../format/tar-write.ts';
import { deepLimits, deepSpec, SIDES } from './plan.ts';
import { lookOf, type Printed } from './reading.ts';
import type { DeepForm, DeepLimits, DeepLook } from './types.ts';

export type LookRequest = {
  readonly engine: Engine;
  readonly image: ImageId; // has diffoscope
  readonly running: Running;
  readonly first: Artefact;
  readonly second: Artefact;
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
  const { engine, image, running, first, second } = request;
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
  const name = posix.basename(second.name); // that of a file in a folder is a path
  const container = await engine.createContainer(deepSpec({ image, name, volume, limits, labels }));
  if (!container.ok) return container;
  undone.use(container.value);
  const put = await container.value.putArchive(SIDES, packTar(sides(first, second, name)));
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
  return ok(await lookOf(printed(second.name, exit.value, limits, stdout, stderr, (performance.now() - startedMs) / 1000)));
}

function printed(
  name: string,
  exit: Exit,
  limits: DeepLimits,
  stdout: readonly Uint8Array[],
  stderr: readonly Uint8Array[],
  wallSeconds: number,
): Printed {
  return { name, exit, limits, reports: stdout, words: Buffer.concat(stderr).toString(), wallSeconds };
}

/** Both sides as they lie on the volume, readable for everybody and writable for nobody. */
function* sides(first: Artefact, second: Artefact, name: string): Generator<TarInput> {
  for (const [side, artefact] of [
    ['first', first],
    ['second', second],
  ] as const) {
    yield { member: { ...MEMBER, name: side, type: 'directory', mode: 0o755 } };
    const { path, size } = artefact;
    const member = { ...MEMBER, name: `${side}/${name}`, size };
    yield size === 0 ? { member } : { member, body: createReadStream(path, { highWaterMark: 1 << 20 }) };
  }
}

const MEMBER: TarMember = {
  name: '',
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: '',
  gname: '',
  mtimeSeconds: 0,
  size: 0,
  link: '',
  devmajor: 0,
  devminor: 0,
  pax: {},
};
