import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { $, type ProcessOutput } from 'zx';
import { connect } from '../src/docker/dockerode.ts';
import { resolveEndpoint } from '../src/docker/endpoint.ts';
import type { Engine } from '../src/docker/engine.ts';
import { parseLock, writeLock } from '../src/lock/lock.ts';
import type { Lock } from '../src/lock/types.ts';

const ROOT = resolve(import.meta.dirname, '..');
$.quiet = true;

/** A project of the bench's own, with locks made now, whose images nobody else has. */
export type Bench = {
  readonly folder: string; // the project
  readonly scratch: string; // for anything else
  readonly runs: number;
  readonly engine: Engine;
  readonly lock: Lock; // of hello
  /** Runs the command line on that store (a folder name) and gives its wall time in seconds. */
  readonly twinbuild: (store: string, ...args: readonly string[]) => Promise<Timed>;
  /** Removes the bench's images from the engine. */
  readonly removeImages: () => Promise<void>;
};

export type Timed = { readonly seconds: number; readonly stdout: string; readonly stderr: string };

export async function openBench(scratch: string, runs: number): Promise<Bench> {
  const folder = join(scratch, 'project');
  await mkdir(folder);
  for (const part of ['containers', 'recipes/hello']) await cp(join(ROOT, part), join(folder, part), { recursive: true });
  const endpoint = await resolveEndpoint(process.env);
  const engine = endpoint.ok ? await connect(endpoint.value) : endpoint;
  if (!engine.ok) throw new Error(engine.error.message);
  const twinbuild = (store: string, ...args: readonly string[]) =>
    timed(
      $({
        cwd: folder,
        env: { ...process.env, TWINBUILD_HOME: join(scratch, store), CI: 'true' },
      })`${join(ROOT, 'bin/twinbuild')} ${[...args]}`,
    );

  process.stdout.write('locking hello and bookworm, and filling a store\n');
  await twinbuild('warm', 'lock', 'hello', 'bookworm');
  // Another date makes other layers of the same packages: the engine has none of them, and removing them takes them from nobody.
  const epochs = [await shiftEpoch(join(folder, 'recipes/hello/recipe.lock')), await shiftEpoch(join(folder, 'containers/bookworm.lock'))];
  const lock = parseLock({ name: 'recipe.lock', text: await readFile(join(folder, 'recipes/hello/recipe.lock'), 'utf8') });
  if (!lock.ok) throw new Error(lock.error.message);
  await twinbuild('warm', 'fetch', 'hello', 'bookworm');
  return {
    folder,
    scratch,
    runs,
    engine: engine.value,
    lock: lock.value,
    twinbuild,
    async removeImages() {
      const left = await engine.value.leftovers();
      if (!left.ok) throw new Error(left.error.message);
      for (const { kind, id, createdSeconds } of left.value) {
        if (kind !== 'image' || !epochs.includes(createdSeconds)) continue;
        const removed = await engine.value.removeImage(id);
        if (!removed.ok) throw new Error(removed.error.message);
      }
    },
  };
}

async function shiftEpoch(path: string): Promise<number> {
  const lock = parseLock({ name: path, text: await readFile(path, 'utf8') });
  if (!lock.ok) throw new Error(lock.error.message);
  const imageEpoch = lock.value.imageEpoch - 7;
  await writeFile(path, writeLock({ ...lock.value, imageEpoch }));
  return imageEpoch;
}

/** Waits for a command and gives its wall time. A command that fails ends the bench with its words. */
export async function timed(command: Promise<ProcessOutput>): Promise<Timed> {
  const began = performance.now();
  const { stdout, stderr } = await command;
  return { seconds: (performance.now() - began) / 1000, stdout, stderr };
}
