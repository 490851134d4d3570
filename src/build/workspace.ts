import { posix } from 'node:path';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Container, ContainerSpec, Engine } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';
import { INPUTS } from './builtin.ts';
import type { OnKept } from './kept.ts';
import type { BuildPlan } from './types.ts';

/** Where the volume of a build is mounted. */
export const MOUNT = '/build';

/**
 * The volume of one build and a sleeping container that holds it: a volume in memory vanishes when no container uses it, and files go in and out
 * through the holder. Both are removed with the scope, a kept volume is not. This is the one place that makes and removes volumes.
 */
export type Workspace = AsyncDisposable & {
  readonly volume: string;
  readonly holder: Container;
  /** Lets a container go that has ended: nobody waits until it is removed, but the end of the workspace. */
  readonly leave: (container: Container) => void;
};

export type WorkspaceRequest = {
  readonly engine: Engine;
  readonly running: Running;
  readonly build: string; // first or second
  readonly plan: BuildPlan;
  readonly kept?: OnKept;
};

/** The kind of a volume that stays when its build has ended. It names no process, as it belongs to none. */
export const KEPT = 'kept';

/** Makes the volume, starts its holder, and makes the folders that a build expects. */
export async function openWorkspace(request: WorkspaceRequest): Promise<Result<Workspace>> {
  const { engine, running, build, plan, kept } = request;
  const labels = { ...running.labels, [LABEL.kind]: 'build' };
  const volume =
    kept?.volume ?? `twinbuild-${running.labels[LABEL.run] ?? 'run'}-${plan.recipe}-${build}`.replaceAll(/[^A-Za-z0-9_.-]/g, '-');
  const { tmpfsBytes } = plan.surroundings;
  await using undone = new AsyncDisposableStack();
  if (kept?.fresh !== false) {
    const { [LABEL.process]: _process, ...lasting } = running.labels;
    const made = await engine.createVolume({
      name: volume,
      labels: kept ? { ...lasting, [LABEL.kind]: KEPT } : labels,
      ...(tmpfsBytes === undefined ? {} : { tmpfsBytes }),
    });
    if (!made.ok) return made;
  }
  if (!kept) {
    undone.defer(async () => {
      const removed = await engine.removeVolume(volume);
      if (!removed.ok) running.tell({ kind: 'warning', text: `${removed.error.message} \`twinbuild clean\` removes it later.` });
    });
  }
  const leaving: PromiseLike<void>[] = [];
  undone.defer(async () => void (await Promise.all(leaving)));
  const holder = await engine.createContainer(holderSpec(plan, volume, labels));
  if (!holder.ok) return explained(holder.error);
  undone.use(holder.value);
  const started = await holder.value.start();
  if (!started.ok) return explained(started.error);
  const scope = undone.move();
  return ok({
    volume,
    holder: holder.value,
    leave: (container) => leaving.push(container[Symbol.asyncDispose]()),
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  });
}

/** An engine of which only some cpus may be used refuses a cpuset: say which switch helps. */
export function explained(failure: Failure): Result<never> {
  if (!/cpuset|CPUs are not available/i.test(failure.message)) return fail(failure);
  return fail({
    ...failure,
    reason: 'engine-cpus',
    next: 'The engine does not own the cpus that a build asks for: use `--skip cpus`, and leave out `resources.cpus`.',
  });
}

/** Where a volume is mounted: at /build, and where the plan wants its top once more. */
export function mountsOf({ mount }: Pick<BuildPlan, 'mount'>, volume: string): ContainerSpec['volumes'] {
  return [MOUNT, ...(mount === undefined ? [] : [mount])].map((path) => ({ volume, path }));
}

function holderSpec(plan: BuildPlan, volume: string, labels: Readonly<Record<string, string>>): ContainerSpec {
  const { user } = plan.surroundings;
  return {
    image: plan.image,
    command: ['/bin/sleep', 'infinity'],
    environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    workingDirectory: '/',
    user: `${user.uid}:${user.gid}`,
    hostname: 'holder',
    domainname: '',
    hosts: [],
    volumes: mountsOf(plan, volume),
    tmpfs: {},
    readOnlyRoot: false, // so that the engine lets us put a tar at /, which gives the volume's own top its owner
    capabilities: [],
    memoryBytes: 256 * 1024 ** 2,
    shmBytes: 1024 ** 2,
    pids: 64,
    cpuset: '',
    init: true,
    labels,
  };
}

/** Every folder that must be there before the first step, outer ones first, with its owner. */
export function foldersOf({
  surroundings,
  outputRoot,
  inputs,
}: BuildPlan): readonly { readonly path: string; readonly owner: 'builder' | 'root' }[] {
  const mine = new Set([MOUNT, ...upTo(surroundings.home), ...upTo(outputRoot)]);
  const roots = new Set([INPUTS, ...inputs.flatMap(({ name }) => upTo(posix.dirname(posix.join(INPUTS, name))))]);
  const all = [
    ...[...mine].map((path) => ({ path, owner: 'builder' as const })),
    ...[...roots].filter((path) => !mine.has(path)).map((path) => ({ path, owner: 'root' as const })),
  ];
  return all.sort((a, b) => a.path.split('/').length - b.path.split('/').length);
}

/** A folder and those above it, below the mount. */
function upTo(path: string): readonly string[] {
  return path.startsWith(`${MOUNT}/`) ? [...upTo(posix.dirname(path)), path] : [];
}
