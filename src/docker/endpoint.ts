import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { posix } from 'node:path';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import { parseAddress, type Tls, type Transport } from './address.ts';

/** Which engine is meant, and who said so. Only the default has more than one candidate: the first that answers is taken. */
export type Endpoint = {
  readonly origin: 'DOCKER_HOST' | 'DOCKER_CONTEXT' | 'current context' | 'default';
  readonly candidates: readonly Transport[];
};

/** The machine whose engine is looked for. */
export type Machine = {
  readonly home: string; // absolute
  readonly platform: string; // as process.platform
  readonly readFile: (path: string) => Promise<Uint8Array | undefined>; // undefined: there is no such file
  readonly exists: (path: string) => Promise<boolean>;
};

type Environment = Readonly<Record<string, string | undefined>>;
type World = Machine & { readonly environment: Environment };

/** The machine that this runs on. */
export const THIS_MACHINE: Machine = {
  home: homedir(),
  platform: process.platform,
  readFile: (path) => readFile(path).catch(() => undefined),
  exists: (path) =>
    stat(path).then(
      () => true,
      () => false,
    ),
};

/**
 * Finds the engine as the docker command does: DOCKER_HOST, then DOCKER_CONTEXT, then the current context of
 * DOCKER_CONFIG/config.json, then well-known sockets. Failures are of kind preflight, reasons `engine-address`,
 * `engine-context`, `engine-tls`, `no-engine`.
 */
export async function resolveEndpoint(environment: Environment, machine: Machine = THIS_MACHINE): Promise<Result<Endpoint>> {
  const world: World = { ...machine, environment };
  const folder = environment['DOCKER_CONFIG'] || posix.join(world.home, '.docker');
  if (environment['DOCKER_HOST']) {
    const transport = await fromHost(environment['DOCKER_HOST'], 'DOCKER_HOST', () => environmentTls(world, folder));
    return transport.ok ? ok({ origin: 'DOCKER_HOST', candidates: [transport.value] }) : transport;
  }
  const named = environment['DOCKER_CONTEXT'];
  const context = named ? ok(named) : await currentContext(world, folder);
  if (!context.ok) return context;
  if (context.value !== undefined && context.value !== 'default') {
    const transport = await fromContext(world, folder, context.value);
    return transport.ok ? ok({ origin: named ? 'DOCKER_CONTEXT' : 'current context', candidates: [transport.value] }) : transport;
  }
  const candidates: Transport[] = [];
  for (const path of wellKnownSockets(world)) if (await world.exists(path)) candidates.push({ kind: 'socket', path });
  if (candidates.length === 0) return fail(noEngine('No Docker engine was found: none of its usual sockets is there.', world.platform));
  return ok({ origin: 'default', candidates });
}

/** The failure for a machine that has no engine, with two lines that say what to do. */
export function noEngine(message: string, platform: string, cause?: unknown): Failure {
  const how =
    platform === 'darwin'
      ? 'Start Docker Desktop, Colima (`colima start`) or Podman (`podman machine start`), or install one of them.'
      : 'On Debian and Ubuntu: `sudo apt-get install docker.io`, then `sudo usermod -aG docker $USER` and log in again.';
  return {
    kind: 'preflight',
    reason: 'no-engine',
    message,
    details: ['An engine elsewhere: set DOCKER_HOST (unix://, tcp:// or ssh://), or choose a context with `docker context use`.'],
    next: how,
    cause,
  };
}

function wellKnownSockets({ environment, home, platform }: World): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const below = (...paths: string[]) => paths.map((path) => posix.join(home, path));
  if (platform === 'darwin') {
    return [
      '/var/run/docker.sock',
      ...below(
        '.docker/run/docker.sock',
        '.orbstack/run/docker.sock',
        '.colima/default/docker.sock',
        '.colima/docker.sock',
        '.rd/docker.sock',
        '.local/share/containers/podman/machine/podman.sock',
      ),
    ];
  }
  const ofUser = runtime ? [posix.join(runtime, 'docker.sock')] : [];
  const podman = [...(runtime ? [posix.join(runtime, 'podman/podman.sock')] : []), '/run/podman/podman.sock'];
  return [
    '/var/run/docker.sock',
    ...ofUser,
    ...below('.docker/desktop/docker.sock', '.docker/run/docker.sock', '.colima/default/docker.sock', '.rd/docker.sock'),
    ...podman,
  ];
}

async function fromHost(host: string, origin: string, tlsOf: () => Promise<Result<Tls | undefined>>): Promise<Result<Transport>> {
  const address = parseAddress(host, origin);
  if (!address.ok || address.value.kind !== 'tcp') return address as Result<Transport>;
  const tls = await tlsOf();
  if (!tls.ok) return tls;
  const { port, https, ...rest } = address.value;
  const secure = tls.value ?? (https ? { verify: true, ca: undefined, cert: undefined, key: undefined } : undefined);
  return ok({ ...rest, port: port ?? (secure ? 2376 : 2375), tls: secure });
}

/** TLS as the environment asks for it: any value of DOCKER_TLS_VERIFY turns it on, files are in DOCKER_CERT_PATH. */
async function environmentTls(world: World, folder: string): Promise<Result<Tls | undefined>> {
  const verify = Boolean(world.environment['DOCKER_TLS_VERIFY']);
  if (!verify && !world.environment['DOCKER_TLS']) return ok(undefined);
  return readTls(world, world.environment['DOCKER_CERT_PATH'] || folder, verify);
}

async function readTls(world: World, folder: string, verify: boolean): Promise<Result<Tls>> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map((name) => world.readFile(posix.join(folder, name))));
  if ((cert === undefined) !== (key === undefined)) {
    return fail({
      kind: 'preflight',
      reason: 'engine-tls',
      message: `${folder} has ${cert ? 'cert.pem but no key.pem' : 'key.pem but no cert.pem'}.`,
      next: 'Put ca.pem, cert.pem and key.pem there, or correct DOCKER_CERT_PATH.',
    });
  }
  return ok({ verify, ca, cert, key });
}

async function currentContext(world: World, folder: string): Promise<Result<string | undefined>> {
  const path = posix.join(folder, 'config.json');
  const bytes = await world.readFile(path);
  if (bytes === undefined) return ok(undefined);
  const config = parseObject(bytes);
  if (config === undefined)
    return fail({
      kind: 'preflight',
      reason: 'engine-context',
      message: `${path} is not a JSON object.`,
      next: 'Correct it, or set DOCKER_HOST.',
    });
  const current = config['currentContext'];
  return ok(typeof current === 'string' && current !== '' ? current : undefined);
}

/** A context is stored under the SHA-256 of its name (docker/cli, cli/context/store). */
async function fromContext(world: World, folder: string, name: string): Promise<Result<Transport>> {
  const key = createHash('sha256').update(name).digest('hex');
  const path = posix.join(folder, 'contexts/meta', key, 'meta.json');
  const bad = (message: string) =>
    fail<Failure>({
      kind: 'preflight',
      reason: 'engine-context',
      message: `The Docker context "${name}" ${message}`,
      next: 'See `docker context ls`, or set DOCKER_HOST.',
    });
  const bytes = await world.readFile(path);
  if (bytes === undefined) return bad(`does not exist: there is no ${path}.`);
  const docker = objectIn(objectIn(parseObject(bytes), 'Endpoints'), 'docker');
  const host = docker?.['Host'];
  if (typeof host !== 'string' || host === '') return bad(`has no address of an engine in ${path}.`);
  return fromHost(host, `The host of context "${name}"`, async () => {
    const tls = posix.join(folder, 'contexts/tls', key, 'docker');
    const read = await readTls(world, tls, docker?.['SkipTLSVerify'] !== true);
    if (!read.ok) return read;
    return ok(read.value.ca === undefined && read.value.cert === undefined && docker?.['SkipTLSVerify'] !== true ? undefined : read.value);
  });
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function objectIn(value: Record<string, unknown> | undefined, key: string): Record<string, unknown> | undefined {
  const inner = value?.[key];
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : undefined;
}
