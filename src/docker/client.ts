import { Agent as TlsAgent } from 'node:https';
import { registerHooks } from 'node:module';
import { inspect } from 'node:util';
import type { default as Client, DockerOptions } from 'dockerode';
import type { Transport } from './address.ts';
import { Agent } from './http-agent.ts';
import { SshAgent } from './ssh.ts';

/**
 * What dockerode loads and we do not use: an SSH client (ours is ssh itself) and gRPC for BuildKit sessions. They take more time than all that a command does
 * before it builds.
 */
const UNUSED: ReadonlySet<string> = new Set(['ssh2', '@grpc/grpc-js', '@grpc/proto-loader']);

const Dockerode = await loadDockerode();

async function loadDockerode(): Promise<typeof Client> {
  // Anything that can be loaded stands in for them: nobody calls it.
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      UNUSED.has(name) ? { url: 'node:util', format: 'builtin', shortCircuit: true } : next(name, context),
  });
  try {
    return (await import('dockerode')).default;
  } finally {
    hooks.deregister();
  }
}

/** dockerode on a transport, and on nothing that the environment says. */
export function dockerodeOf(transport: Transport): Client {
  const { DOCKER_HOST: host } = process.env;
  // docker-modem takes what is missing in its options from DOCKER_HOST, and reads files that other variables name, whatever its options say.
  delete process.env['DOCKER_HOST'];
  try {
    return new Dockerode({ ...NOTHING, ...optionsOf(transport) } as DockerOptions);
  } finally {
    if (host !== undefined) process.env['DOCKER_HOST'] = host;
  }
}

const NOTHING = { socketPath: undefined, host: undefined, port: undefined, username: undefined, timeout: undefined };

/** Each request has a connection of its own: one that the engine closed while it lay idle would make a request fail. */
function optionsOf(transport: Transport): object {
  switch (transport.kind) {
    case 'socket':
      return { protocol: 'http', socketPath: transport.path, agent: quiet(new Agent({ keepAlive: false })) };
    case 'ssh':
      return { protocol: 'http', host: 'docker.invalid', port: 80, agent: quiet(new SshAgent(transport)) };
    case 'tcp': {
      const { host, port, prefix, tls } = transport;
      // docker-modem loses its pathPrefix; a version is put in front of every path.
      const common = { host, port, ...(prefix === '' ? {} : { version: prefix.slice(1) }) };
      if (tls === undefined) return { ...common, protocol: 'http', agent: quiet(new Agent({ keepAlive: false })) };
      const { ca, cert, key, verify } = tls;
      const files = Object.fromEntries(Object.entries({ ca, cert, key }).flatMap(([name, pem]) => (pem ? [[name, Buffer.from(pem)]] : [])));
      return { ...common, protocol: 'https', agent: quiet(new TlsAgent({ keepAlive: false, rejectUnauthorized: verify, ...files })) };
    }
    default:
      return transport satisfies never;
  }
}

/**
 * docker-modem writes every request with its agent as text for debugging, even when nobody reads that. An agent with all its sockets is so
 * much text that ten builds at once would keep a cpu busy with it.
 */
function quiet<T extends object>(agent: T): T {
  return Object.assign(agent, { [inspect.custom]: () => 'agent' });
}
