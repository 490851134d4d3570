import { createHash } from 'node:crypto';
import test from 'ava';
import type { Result } from '../src/base/result.ts';
import { addressOf, parseAddress } from '../src/docker/address.ts';
import { type Endpoint, type Machine, resolveEndpoint } from '../src/docker/endpoint.ts';

const HOME = '/home/me';
const key = (context: string): string => createHash('sha256').update(context).digest('hex');
const meta = (context: string, docker: object): Record<string, string> => ({
  [`${HOME}/.docker/contexts/meta/${key(context)}/meta.json`]: JSON.stringify({ Name: context, Endpoints: { docker } }),
});
const current = (context: string): Record<string, string> => ({
  [`${HOME}/.docker/config.json`]: JSON.stringify({ currentContext: context }),
});
const tls = (context: string): Record<string, string> =>
  Object.fromEntries(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name) => [`${HOME}/.docker/contexts/tls/${key(context)}/docker/${name}`, name]),
  );

/** A machine that has these files; sockets are files whose text does not matter. */
function machine(files: Readonly<Record<string, string>>, platform = 'linux'): Machine {
  return {
    home: HOME,
    platform,
    readFile: async (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    exists: async (path) => files[path] !== undefined,
  };
}

/** An endpoint in one line: who said it, then where; for a failure its reason. */
function shown(endpoint: Result<Endpoint>): string {
  if (!endpoint.ok) return endpoint.error.reason;
  const places = endpoint.value.candidates.map(
    (transport) =>
      `${addressOf(transport)}${transport.kind === 'tcp' && transport.tls ? ` tls${transport.tls.verify ? '' : ' unverified'}${transport.tls.cert ? ' with a certificate' : ''}` : ''}`,
  );
  return `${endpoint.value.origin}: ${places.join(', ')}`;
}

type Given = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly platform?: string;
};

const resolves = test.macro(async (t, { environment = {}, files = {}, platform }: Given, expected: string) => {
  t.is(shown(await resolveEndpoint(environment, machine(files, platform))), expected);
});

const SOCKET = { '/var/run/docker.sock': '' };
const all = { ...SOCKET, ...current('far'), ...meta('far', { Host: 'ssh://me@far' }), ...meta('near', { Host: 'unix:///near.sock' }) };

test(
  'DOCKER_HOST wins over everything',
  resolves,
  { environment: { DOCKER_HOST: 'unix:///my.sock', DOCKER_CONTEXT: 'near' }, files: all },
  'DOCKER_HOST: unix:///my.sock',
);
test(
  'DOCKER_CONTEXT wins over the current context',
  resolves,
  { environment: { DOCKER_CONTEXT: 'near' }, files: all },
  'DOCKER_CONTEXT: unix:///near.sock',
);
test('the current context wins over sockets', resolves, { files: all }, 'current context: ssh://me@far');
test(
  'an empty DOCKER_HOST is none',
  resolves,
  { environment: { DOCKER_HOST: '', DOCKER_CONTEXT: '' }, files: all },
  'current context: ssh://me@far',
);
test(
  'the context "default" means no context',
  resolves,
  { environment: { DOCKER_CONTEXT: 'default' }, files: all },
  'default: unix:///var/run/docker.sock',
);
test(
  'DOCKER_CONFIG moves the contexts',
  resolves,
  {
    environment: { DOCKER_CONFIG: '/etc/d' },
    files: {
      '/etc/d/config.json': '{"currentContext":"x"}',
      [`/etc/d/contexts/meta/${key('x')}/meta.json`]: '{"Endpoints":{"docker":{"Host":"tcp://x"}}}',
    },
  },
  'current context: tcp://x:2375',
);
test('a context that does not exist is said', resolves, { environment: { DOCKER_CONTEXT: 'gone' }, files: all }, 'engine-context');
test(
  'a context without an address is said',
  resolves,
  { environment: { DOCKER_CONTEXT: 'empty' }, files: meta('empty', {}) },
  'engine-context',
);
test(
  'a configuration that is no JSON is said',
  resolves,
  { files: { ...SOCKET, [`${HOME}/.docker/config.json`]: 'no' } },
  'engine-context',
);
test(
  'a context brings its own TLS',
  resolves,
  { files: { ...current('t'), ...meta('t', { Host: 'tcp://t:1' }), ...tls('t') } },
  'current context: tcp://t:1 tls with a certificate',
);
test(
  'a context can go without verification',
  resolves,
  { files: { ...current('t'), ...meta('t', { Host: 'tcp://t', SkipTLSVerify: true }) } },
  'current context: tcp://t:2376 tls unverified',
);

test('tcp without TLS has port 2375', resolves, { environment: { DOCKER_HOST: 'tcp://host' } }, 'DOCKER_HOST: tcp://host:2375');
test(
  'tcp with TLS has port 2376',
  resolves,
  { environment: { DOCKER_HOST: 'tcp://host', DOCKER_TLS_VERIFY: '1' } },
  'DOCKER_HOST: tcp://host:2376 tls',
);
test(
  'certificates come from DOCKER_CERT_PATH',
  resolves,
  {
    environment: { DOCKER_HOST: 'tcp://host:99', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' },
    files: { '/c/ca.pem': 'a', '/c/cert.pem': 'b', '/c/key.pem': 'c' },
  },
  'DOCKER_HOST: tcp://host:99 tls with a certificate',
);
test(
  'half a pair of certificate and key is said',
  resolves,
  {
    environment: { DOCKER_HOST: 'tcp://host', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/c' },
    files: { '/c/cert.pem': 'b' },
  },
  'engine-tls',
);
test(
  'TLS does not touch a socket',
  resolves,
  { environment: { DOCKER_HOST: 'unix:///s', DOCKER_TLS_VERIFY: '1' } },
  'DOCKER_HOST: unix:///s',
);

test(
  'sockets of this user come after the usual one',
  resolves,
  {
    environment: { XDG_RUNTIME_DIR: '/run/user/7' },
    files: { ...SOCKET, '/run/user/7/docker.sock': '', '/run/user/7/podman/podman.sock': '', [`${HOME}/.colima/default/docker.sock`]: '' },
  },
  `default: unix:///var/run/docker.sock, unix:///run/user/7/docker.sock, unix://${HOME}/.colima/default/docker.sock, unix:///run/user/7/podman/podman.sock`,
);
test(
  'macOS has sockets of its own',
  resolves,
  { platform: 'darwin', files: { [`${HOME}/.docker/run/docker.sock`]: '', [`${HOME}/.orbstack/run/docker.sock`]: '' } },
  `default: unix://${HOME}/.docker/run/docker.sock, unix://${HOME}/.orbstack/run/docker.sock`,
);
test('no socket is no engine', resolves, {}, 'no-engine');

const parses = test.macro((t, text: string, expected: string) => {
  const address = parseAddress(text, 'DOCKER_HOST');
  t.is(address.ok ? JSON.stringify(address.value) : address.error.reason, expected);
});

test('a path', parses, '/run/x.sock', '{"kind":"socket","path":"/run/x.sock"}');
test('unix without a path', parses, 'unix://', '{"kind":"socket","path":"/var/run/docker.sock"}');
test('host and port only', parses, 'host:1234', '{"kind":"tcp","host":"host","port":1234,"prefix":"","https":false}');
test('an IPv6 address', parses, 'tcp://[::1]:1234', '{"kind":"tcp","host":"::1","port":1234,"prefix":"","https":false}');
test('a path behind a proxy', parses, 'https://host/engine/', '{"kind":"tcp","host":"host","prefix":"/engine","https":true}');
test('port 80 stays', parses, 'http://host:80', '{"kind":"tcp","host":"host","port":80,"prefix":"","https":false}');
test(
  'ssh with all its parts',
  parses,
  'ssh://me@host:22/run/d.sock',
  '{"kind":"ssh","host":"host","port":22,"user":"me","socket":"/run/d.sock"}',
);
test('ssh to what would be an option', parses, 'ssh://-oProxyCommand=x', 'engine-address');
test('ssh as what would be an option', parses, 'ssh://-l@host', 'engine-address');
test('a password', parses, 'ssh://me:secret@host', 'engine-address');
test('a broken user name', parses, 'ssh://%zz@host', 'engine-address');
test('a named pipe', parses, 'npipe:////./pipe/docker_engine', 'engine-address');
test('an unknown scheme', parses, 'fd://', 'engine-address');
test('no host', parses, 'tcp://', 'engine-address');
test('a port that is none', parses, 'tcp://host:port', 'engine-address');
