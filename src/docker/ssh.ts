import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { Transport } from './address.ts';
import { Agent } from './http-agent.ts';

/**
 * Connections through `ssh HOST docker system dial-stdio`, as the docker command makes them. It is the user's own ssh, so that
 * their known_hosts, keys, agent and jump hosts count; the SSH client that comes with dockerode does not check host keys.
 */
export class SshAgent extends Agent {
  readonly #arguments: readonly string[];

  constructor(transport: Transport & { kind: 'ssh' }) {
    super({ keepAlive: false });
    const { host, port, user, socket } = transport;
    this.#arguments = [
      '-o',
      'ConnectTimeout=30',
      '-o',
      'BatchMode=yes',
      '-T',
      ...(user === undefined ? [] : ['-l', user]),
      ...(port === undefined ? [] : ['-p', String(port)]),
      '--',
      host,
      'docker',
      ...(socket === undefined ? [] : [`--host=unix://${quoted(socket)}`]),
      'system',
      'dial-stdio',
    ];
  }

  override createConnection(): Duplex {
    const child = spawn('ssh', this.#arguments, { stdio: ['pipe', 'pipe', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = `${words}${text}`.slice(-2000);
    });
    const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
    child.on('error', (error) => duplex.destroy(error));
    child.on('close', (status) => {
      if (status !== 0) duplex.destroy(new Error(`ssh ended with status ${status}: ${words.trim()}`));
    });
    duplex.on('close', () => child.kill());
    // http asks these of a network socket.
    return Object.assign(duplex, {
      setKeepAlive: () => duplex,
      setNoDelay: () => duplex,
      setTimeout: () => duplex,
      ref: () => duplex,
      unref: () => duplex,
    });
  }
}

/** The command goes through a shell on the other machine. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
