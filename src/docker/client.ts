import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { inspect } from 'node:util';
import Dockerode from 'dockerode';
import type { Transport } from './address.ts';
import { SshAgent } from './ssh.ts';

/** dockerode with every option said, because docker-modem takes what is missing from DOCKER_HOST. */
export function dockerodeOf(transport: Transport): Dockerode {
  const none = {
    socketPath: undefined,
    host: undefined,
    port: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    username: undefined,
    timeout: undefined,
    pathPrefix: '/',
  };
  // Each request has a connection of its own: one that the engine closed while it lay idle would make a request fail.
  switch (transport.kind) {
    case 'socket':
      return new Dockerode({
        ...none,
        protocol: 'http',
        socketPath: transport.path,
        agent: quiet(new Agent({ keepAlive: false })),
      } as never);
    case 'ssh':
      return new Dockerode({ ...none, protocol: 'http', host: 'docker.invalid', port: 80, agent: quiet(new SshAgent(transport)) } as never);
    case 'tcp': {
      const { host, port, prefix, tls } = transport;
      const common = { ...none, host, port, pathPrefix: prefix === '' ? '/' : prefix };
      if (tls === undefined) return new Dockerode({ ...common, protocol: 'http', agent: quiet(new Agent({ keepAlive: false })) } as never);
      const { ca, cert, key, verify } = tls;
      return new Dockerode({
        ...common,
        protocol: 'https',
        agent: quiet(
          new TlsAgent({ keepAlive: false, rejectUnauthorized: verify, ca: ca as Buffer, cert: cert as Buffer, key: key as Buffer }),
        ),
      } as never);
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
