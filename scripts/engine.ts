import { request } from 'node:http';
import { addressOf, type Transport } from '../src/docker/address.ts';
import { type Endpoint, resolveEndpoint } from '../src/docker/endpoint.ts';

// Prints one line, `STATE ORIGIN ADDRESS`, for scripts/engine.sh. STATE is `answers`, `denied` (the socket is not ours to open),
// `silent` (nothing answers) or `wrong` (the address itself is wrong; its words go to standard error). ORIGIN is `default` when
// nobody chose an engine, otherwise `chosen`.

type State = 'answers' | 'denied' | 'silent';

/** How a socket answers the engine's ping; a socket without an engine behind it is silent. */
function ping(socketPath: string): Promise<State> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 5000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200 ? 'answers' : 'silent');
    });
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EACCES' ? 'denied' : 'silent'));
    asked.end();
  });
}

async function stateOf(endpoint: Endpoint, transport: Transport): Promise<State> {
  if (transport.kind === 'socket') return ping(transport.path);
  const { connect } = await import('../src/docker/dockerode.ts'); // slow to load, and a socket does not need it
  const engine = await connect({ ...endpoint, candidates: [transport] });
  if (engine.ok) return 'answers';
  process.stderr.write(`${engine.error.message}\n`);
  return 'silent';
}

async function line(): Promise<string> {
  const endpoint = await resolveEndpoint(process.env);
  if (!endpoint.ok) {
    if (endpoint.error.reason === 'no-engine') return 'silent default unix:///var/run/docker.sock';
    process.stderr.write(`${endpoint.error.message}\n${endpoint.error.next ?? ''}\n`);
    return 'wrong chosen -';
  }
  const origin = endpoint.value.origin === 'default' ? 'default' : 'chosen';
  let denied: string | undefined;
  for (const transport of endpoint.value.candidates) {
    const state = await stateOf(endpoint.value, transport);
    if (state === 'answers') return `answers ${origin} ${addressOf(transport)}`;
    if (state === 'denied') denied ??= addressOf(transport);
  }
  const [first] = endpoint.value.candidates;
  return `${denied === undefined ? 'silent' : 'denied'} ${origin} ${denied ?? (first && addressOf(first))}`;
}

process.stdout.write(`${await line()}\n`);
