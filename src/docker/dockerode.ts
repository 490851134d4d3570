import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import { addressOf } from './address.ts';
import { call, failureFrom, PATIENCE_MS, signalled, statusOf } from './call.ts';
import { dockerodeOf } from './client.ts';
import { DockerodeContainer, removeContainer } from './container.ts';
import { creationOf } from './creation.ts';
import type { Endpoint } from './endpoint.ts';
import { noEngine } from './endpoint.ts';
import type { Container, ContainerSpec, Engine, EngineInfo, ImageId, ImageLayer, Leftover } from './engine.ts';
import { infoFrom } from './information.ts';
import { layersOf, leftoversOf } from './leftover.ts';

/** The oldest engine API that has everything we need: Docker 20.10. */
const OLDEST_API = [1, 41] as const;

/**
 * Connects to the first candidate that answers. No answer is a failure of kind preflight, reason `no-engine`; an engine that
 * is too old `engine-too-old`, one without Linux containers `engine-not-linux`.
 */
export async function connect(endpoint: Endpoint, platform: string = process.platform): Promise<Result<Engine>> {
  const tried: string[] = [];
  let cause: unknown;
  for (const transport of endpoint.candidates) {
    const address = addressOf(transport);
    const made = await call('connecting', PATIENCE_MS.ping, async () => dockerodeOf(transport));
    if (!made.ok) return made;
    const version = await call('connecting', PATIENCE_MS.ping, () => made.value.version());
    if (!version.ok) {
      tried.push(`${address}: ${reasonOf(version.error.cause)}`);
      cause ??= version.error.cause;
      continue;
    }
    const [major = 0, minor = 0] = (version.value.ApiVersion ?? '').split('.').map(Number);
    if (major < OLDEST_API[0] || (major === OLDEST_API[0] && minor < OLDEST_API[1])) {
      return fail({
        kind: 'preflight',
        reason: 'engine-too-old',
        message: `The engine at ${address} speaks API ${version.value.ApiVersion}; ${OLDEST_API.join('.')} is the oldest that twinbuild can use.`,
        next: 'Update it to Docker 20.10 or newer.',
      });
    }
    if (version.value.Os !== undefined && version.value.Os !== 'linux') {
      return fail({
        kind: 'preflight',
        reason: 'engine-not-linux',
        message: `The engine at ${address} runs ${version.value.Os} containers.`,
        next: 'Switch it to Linux containers.',
      });
    }
    return ok<Engine>(new DockerodeEngine(made.value, address, hasIpv6(version.value.KernelVersion)));
  }
  return fail(noAnswer(endpoint, tried, platform, cause));
}

/** Whether the kernel of an engine has IPv6, as far as that can be known: of the kernel that this process has, too. */
function hasIpv6(kernel: string | undefined): boolean {
  return kernel === release() && existsSync('/proc/sys/net/ipv6/conf/all/disable_ipv6');
}

function noAnswer({ origin }: Endpoint, tried: readonly string[], platform: string, cause: unknown): Failure {
  const failure = noEngine(`No Docker engine answers (${origin}): ${tried.join('; ')}.`, platform, cause);
  if (tried.some((line) => line.includes('permission'))) {
    const next =
      "You may not use the engine's socket: join its group with `sudo usermod -aG docker $USER` and log in again, or use a rootless engine.";
    return { ...failure, next };
  }
  if (origin === 'default') return failure;
  const what =
    origin === 'DOCKER_HOST'
      ? 'DOCKER_HOST'
      : `the ${origin === 'DOCKER_CONTEXT' ? 'context that DOCKER_CONTEXT names' : 'current context'}`;
  return { ...failure, details: [], next: `Start the engine there, or correct ${what}.` };
}

class DockerodeEngine implements Engine {
  readonly endpoint: string;
  readonly #docker: Dockerode;
  readonly #ipv6: boolean;
  #info: EngineInfo | undefined;

  constructor(docker: Dockerode, endpoint: string, ipv6: boolean) {
    this.#docker = docker;
    this.endpoint = endpoint;
    this.#ipv6 = ipv6;
  }

  async info(): Promise<Result<EngineInfo>> {
    if (this.#info !== undefined) return ok(this.#info);
    const got = await call('asking what it is', PATIENCE_MS.ask, () => Promise.all([this.#docker.info(), this.#docker.version()]));
    if (!got.ok) return got;
    this.#info = infoFrom(this.endpoint, got.value[0] as never, got.value[1] as never);
    return ok(this.#info);
  }

  async hasImage(id: ImageId): Promise<Result<boolean>> {
    const got = await call('looking for an image', PATIENCE_MS.ask, () => this.#docker.getImage(id).inspect());
    if (got.ok) return ok(true);
    return statusOf(got.error) === 404 ? ok(false) : got;
  }

  async loadImage(tar: AsyncIterable<Uint8Array>): Promise<Result<void>> {
    const doing = 'loading an image';
    const bytes = Readable.from(tar, { objectMode: false });
    const loaded = await call(doing, PATIENCE_MS.copy, async (abortSignal) => {
      const answer = (await this.#docker.loadImage(bytes, signalled(abortSignal, { quiet: '1' }))) as Readable;
      let text = '';
      for await (const piece of answer.setEncoding('utf8')) text += piece;
      return text;
    });
    bytes.destroy();
    if (!loaded.ok) return loaded;
    const words = progressError(loaded.value);
    return words === undefined ? ok() : fail(failureFrom(doing, words));
  }

  async tagImage(id: ImageId, repository: string, tag: string): Promise<Result<void>> {
    const done = await call('naming an image', PATIENCE_MS.ask, (abortSignal) =>
      this.#docker.getImage(id).tag(signalled(abortSignal, { repo: repository, tag })),
    );
    return done.ok ? ok() : done;
  }

  async removeImage(id: string): Promise<Result<void>> {
    const done = await call('removing an image', PATIENCE_MS.copy, (abortSignal) =>
      this.#docker.getImage(id).remove(signalled(abortSignal, { force: true })),
    );
    return done.ok || statusOf(done.error) === 404 ? ok() : done;
  }

  async imageLayers(id: string): Promise<Result<readonly ImageLayer[]>> {
    const got = await call('looking at the layers of an image', PATIENCE_MS.ask, () => layersOf(this.#docker, id));
    return got.ok || statusOf(got.error) !== 404 ? got : ok([]);
  }

  async createVolume(options: Parameters<Engine['createVolume']>[0]): Promise<Result<void>> {
    const { name, labels, tmpfsBytes } = options;
    const mount = tmpfsBytes === undefined ? {} : { type: 'tmpfs', device: 'tmpfs', o: `size=${tmpfsBytes},mode=0755,nosuid,nodev` };
    const done = await call('creating a volume', PATIENCE_MS.ask, (abortSignal) =>
      this.#docker.createVolume(
        signalled(abortSignal, { Name: name, Driver: 'local', DriverOpts: mount as Record<string, string>, Labels: { ...labels } }),
      ),
    );
    return done.ok ? ok() : done;
  }

  async removeVolume(name: string): Promise<Result<void>> {
    for (let attempt = 0; ; attempt += 1) {
      const done = await call(`removing the volume ${name}`, PATIENCE_MS.copy, (abortSignal) =>
        this.#docker.getVolume(name).remove(signalled(abortSignal, {})),
      );
      if (done.ok || statusOf(done.error) === 404) return ok();
      // 409: still in use. A container that is being removed lets go of it a moment later.
      if (statusOf(done.error) !== 409 || attempt === 20) return done;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  async createContainer(spec: ContainerSpec): Promise<Result<Container>> {
    // Without a signal: a request that is cut off may have made a container whose id nobody knows.
    const made = await call('creating a container', PATIENCE_MS.ask, () =>
      // docker-modem would put everything into the address as well.
      this.#docker.createContainer({ _query: {}, _body: creationOf(spec, { ipv6: this.#ipv6 }) } as never),
    );
    if (made.ok) return ok<Container>(new DockerodeContainer(this.#docker, made.value.id));
    if (statusOf(made.error) !== 404) return made;
    return fail({
      ...made.error,
      reason: 'image-missing',
      next: 'Somebody removed the image or the volume. Run the command again: it is made anew.',
    });
  }

  async leftovers(kinds: readonly Leftover['kind'][] = ['container', 'volume', 'image']): Promise<Result<readonly Leftover[]>> {
    return call('listing what we made', PATIENCE_MS.ask, () => leftoversOf(this.#docker, kinds));
  }

  async removeContainer(id: string): Promise<Result<void>> {
    return removeContainer(this.#docker, id);
  }
}

/** /images/load answers 200 before it has read the archive, and says later in a line of JSON that it failed. */
function progressError(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const found = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(line);
    if (found?.[1] !== undefined) return JSON.parse(found[1]) as string;
  }
  return undefined;
}

function reasonOf(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'EACCES') return 'no permission to use it';
  return cause instanceof Error ? cause.message.trim() : String(cause);
}
