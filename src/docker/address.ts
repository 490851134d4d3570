import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';

/** PEM files for TLS. Without `ca` the roots that Node ships are used. */
export type Tls = {
  readonly verify: boolean;
  readonly ca: Uint8Array | undefined;
  readonly cert: Uint8Array | undefined;
  readonly key: Uint8Array | undefined;
};

/** How to reach an engine. */
export type Transport =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly prefix: string; readonly tls: Tls | undefined }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number | undefined;
      readonly user: string | undefined;
      readonly socket: string | undefined;
    };

/** An address as it is written; TLS and the usual port of tcp are not known yet. */
export type Address =
  | Exclude<Transport, { readonly kind: 'tcp' }>
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number | undefined; readonly prefix: string; readonly https: boolean };

/** The address of a transport as people write it. */
export function addressOf(transport: Transport): string {
  switch (transport.kind) {
    case 'socket':
      return `unix://${transport.path}`;
    case 'tcp':
      return `tcp://${transport.host.includes(':') ? `[${transport.host}]` : transport.host}:${transport.port}${transport.prefix}`;
    case 'ssh':
      return `ssh://${transport.user === undefined ? '' : `${transport.user}@`}${transport.host}${transport.port === undefined ? '' : `:${transport.port}`}${transport.socket ?? ''}`;
    default:
      return transport satisfies never;
  }
}

/**
 * Reads an address as DOCKER_HOST and contexts have it: unix://, tcp://, http://, https://, ssh://, a path, or HOST:PORT.
 *
 * @param origin whose value it is, for messages
 * @returns a failure of kind preflight, reason `engine-address`, for everything else
 */
export function parseAddress(text: string, origin: string): Result<Address> {
  if (text.startsWith('/')) return ok({ kind: 'socket', path: text });
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/s.exec(text) ?? [undefined, 'tcp', text];
  switch (scheme) {
    case 'unix':
      return ok({ kind: 'socket', path: rest || '/var/run/docker.sock' });
    case 'ssh':
    case 'tcp':
    case 'http':
    case 'https':
      return parseNetwork(text, origin, scheme, rest);
    case 'npipe':
      return bad(text, origin, 'named pipes of Windows are not supported. Run twinbuild inside WSL 2, where the engine has a socket.');
    default:
      return bad(text, origin, `"${scheme}" is no way to an engine that twinbuild knows.`);
  }
}

function parseNetwork(text: string, origin: string, scheme: string, rest: string): Result<Address> {
  // Behind a scheme that URL knows, a usual port would be left out and the host changed.
  if (!URL.canParse(`engine://${rest}`)) return bad(text, origin, 'this is no address.');
  const url = new URL(`engine://${rest}`);
  const user = /%(?![0-9A-Fa-f]{2})/.test(url.username) ? undefined : url.username;
  // A name that starts with a dash would be an option of ssh.
  if (url.hostname === '' || url.hostname.startsWith('-') || user === undefined || user.startsWith('-'))
    return bad(text, origin, 'it names no host.');
  if (url.password !== '') return bad(text, origin, 'a password cannot stand in it.');
  const port = url.port === '' ? undefined : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const path = url.pathname.replace(/\/+$/, '');
  if (scheme !== 'ssh') return ok({ kind: 'tcp', host, port, prefix: path, https: scheme === 'https' });
  return ok({ kind: 'ssh', host, port, user: user === '' ? undefined : decodeURIComponent(user), socket: path === '' ? undefined : path });
}

function bad(text: string, origin: string, why: string): Result<never> {
  return fail<Failure>({
    kind: 'preflight',
    reason: 'engine-address',
    message: `${origin} is "${text}": ${why}`,
    next: 'Write it as unix:///path/to/socket, tcp://host:port or ssh://user@host.',
  });
}
