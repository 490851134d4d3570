import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sha256, sha256 } from '../../src/base/digest.ts';
import type { Failure, Result } from '../../src/base/result.ts';
import type { Notice } from '../../src/base/running.ts';
import { runBuild } from '../../src/build/run.ts';
import { surroundings } from '../../src/build/surroundings.ts';
import type { BuildPlan, Built, PlannedStep } from '../../src/build/types.ts';
import { connect } from '../../src/docker/dockerode.ts';
import { resolveEndpoint } from '../../src/docker/endpoint.ts';
import { type ContainerSpec, type Engine, type ImageId, LABEL, OWNER } from '../../src/docker/engine.ts';
import type { Image } from '../../src/image/types.ts';
import type { Store } from '../../src/store/types.ts';
import { PROJECT, rig } from './rig.ts';

/** The value, or an exception that says why there is none. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.reason}: ${result.error.message}\n${(result.error.details ?? []).join('\n')}`, { cause: result.error });
}

let engine: Promise<Engine> | undefined;
let image: Promise<ImageId> | undefined;

/** The engine of this machine. */
export function theEngine(): Promise<Engine> {
  engine ??= (async () => must(await connect(must(await resolveEndpoint(process.env)))))();
  return engine;
}

/** The builder image of the project's own hello, made by the command line when the engine does not have it. */
export function builderImage(): Promise<ImageId> {
  image ??= (async () => {
    const given = process.env['TWINBUILD_TEST_IMAGE']; // to try these tests on another image
    if (given) return given as ImageId;
    await using r = await rig();
    const { status, stdout, stderr } = await r.execWith({ cwd: PROJECT }, 'image', 'hello', '--json', '--relock-if-gone');
    if (status !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { image: ImageId }).image;
  })();
  return image;
}

/** Labels of a run of their own, so that tests side by side do not see each other's containers. */
export function labelsOfARun(): Readonly<Record<string, string>> {
  return {
    [LABEL.owner]: OWNER,
    [LABEL.run]: `test-${randomUUID()}`,
    [LABEL.process]: `${hostname()}/${process.pid}/${Math.round(Date.now() / 1000 - process.uptime())}`,
  };
}

/** What the engine has of a run. */
export async function leftOf(labels: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const all = must(await (await theEngine()).leftovers());
  return all.filter((one) => one.labels[LABEL.run] === labels[LABEL.run]).map(({ kind, id }) => `${kind} ${id}`);
}

/** A container that only waits for what a test changes. */
export async function spec(over: Partial<ContainerSpec>): Promise<ContainerSpec> {
  return {
    image: await builderImage(),
    command: ['/bin/true'],
    environment: { PATH: '/usr/bin:/bin' },
    workingDirectory: '/',
    user: '1000:1000',
    hostname: 'test',
    domainname: '',
    hosts: [],
    volumes: [],
    tmpfs: {},
    readOnlyRoot: true,
    capabilities: [],
    memoryBytes: 256 * 1024 ** 2,
    shmBytes: 1024 ** 2,
    pids: 64,
    cpuset: '',
    init: true,
    labels: labelsOfARun(),
    ...over,
  };
}

/** A plan with one step and no inputs. */
export async function planOf(script: string, over: Partial<BuildPlan> & { readonly step?: Partial<PlannedStep> } = {}): Promise<BuildPlan> {
  const { step, ...rest } = over;
  const id = await builderImage();
  const resources = { memoryBytes: 256 * 1024 ** 2, diskBytes: 256 * 1024 ** 2, cpus: undefined, timeSeconds: 60 };
  const made: Image = { key: sha256('image'), id, bashId: id, locales: [], fakeTimeLibrary: undefined };
  const { first } = must(surroundings({ tree: 'tiny-1', cpus: 2, memoryBytes: 4 * 1024 ** 3, resources, image: made, vary: [], skip: [] }));
  return {
    schema: 1,
    recipe: 'tiny',
    recipeDigest: sha256('recipe'),
    lockDigest: sha256('lock'),
    image: id,
    epoch: 1_700_000_000,
    inputs: [],
    steps: [{ name: 'try', script, timeoutSeconds: 60, user: 'builder', workingDirectory: '/build', ...step }],
    environment: { HOME: first.home, PATH: first.path, LC_ALL: 'C.UTF-8' },
    surroundings: first,
    outputs: ['out*'],
    outputRoot: '/build',
    limits: { memoryBytes: resources.memoryBytes, diskBytes: resources.diskBytes, timeSeconds: 60, pids: 200 },
    capabilities: [],
    devices: [],
    ...rest,
  };
}

/** How a build in a temporary folder ended; `text` reads a file of that folder. Removed with the scope. */
export type Tried = AsyncDisposable & {
  readonly built: Result<Built>;
  readonly failure: Failure;
  readonly notices: readonly Notice[];
  readonly left: readonly string[];
  readonly text: (name: string) => Promise<string>;
};

/** Runs a plan on the real engine. `inputs` are contents by name below /build/inputs. */
export async function tryBuild(
  plan: BuildPlan,
  options: { readonly signal?: AbortSignal; readonly inputs?: Readonly<Record<string, string>> } = {},
): Promise<Tried> {
  const folder = await mkdtemp(join(tmpdir(), 'twinbuild-build-'));
  const labels = labelsOfARun();
  const notices: Notice[] = [];
  const contents = new Map<Sha256, string>(Object.values(options.inputs ?? {}).map((text) => [sha256(text), text]));
  const inputs = Object.entries(options.inputs ?? {}).map(([name, text]) => ({
    name,
    sha256: sha256(text),
    size: Buffer.byteLength(text),
  }));
  const built = await runBuild({
    engine: await theEngine(),
    store: undefined as unknown as Store, // every input comes from folderOf
    running: { signal: options.signal ?? new AbortController().signal, tell: (notice) => notices.push(notice), labels },
    build: 'first',
    plan: { ...plan, inputs: [...plan.inputs, ...inputs] },
    folder: join(folder, 'first'),
    folderOf: (digest) => {
      const text = contents.get(digest);
      return text === undefined ? undefined : once(Buffer.from(text));
    },
  });
  return {
    built,
    failure: built.ok ? { kind: 'usage', reason: 'none', message: 'the build ended well' } : built.error,
    notices,
    left: await leftOf(labels),
    text: (name) => readFile(join(folder, 'first', name), 'utf8'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
