import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The project's own folder. */
export const PROJECT: string = resolve(import.meta.dirname, '../..');

export type Ended = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** The real command line in an empty project folder of its own, removed with its scope. */
export type Rig = AsyncDisposable & {
  readonly path: string;
  /** Writes files given by relative path; makes their folders. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Runs `twinbuild …` to its end. */
  exec(...args: readonly string[]): Promise<Ended>;
  /** The same with more in the environment, or a function that gets hold of the process. */
  execWith(options: ExecOptions, ...args: readonly string[]): Promise<Ended>;
};

export type ExecOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string; // of standard input; left out: it is empty
  readonly started?: (child: {
    readonly pid: number;
    kill(signal: NodeJS.Signals): void;
    onOutput(seen: (text: string) => void): void;
  }) => void;
};

/** Environment variables that a test may hand on; everything else stays out. */
const HANDED_ON = [
  'PATH',
  'HOME',
  'TWINBUILD_HOME',
  'XDG_CACHE_HOME',
  'TWINBUILD_MIRROR',
  'TWINBUILD_MIRROR_SECURITY',
  'DOCKER_HOST',
  'DOCKER_CONTEXT',
  'DOCKER_CONFIG',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

export async function rig(): Promise<Rig> {
  const path = await mkdtemp(join(tmpdir(), 'twinbuild-rig-'));
  const execWith = (options: ExecOptions, ...args: readonly string[]): Promise<Ended> =>
    new Promise((ended, broken) => {
      const handed = HANDED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
      const environment = { ...Object.fromEntries(handed), TZ: 'UTC', LC_ALL: 'C', NO_COLOR: '1', CI: 'true', ...options.environment };
      const child = spawn(process.execPath, [join(PROJECT, 'src/cli/main.ts'), ...args], {
        cwd: options.cwd ?? path,
        env: environment,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      child.stdin.on('error', () => {}); // it need not read what it gets
      child.stdin.end(options.input);
      let stdout = '';
      let stderr = '';
      let seen: (text: string) => void = () => {};
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        seen(text);
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        seen(text);
      });
      child.on('error', broken);
      child.on('close', (code, signal) => ended({ status: code ?? (signal === 'SIGKILL' ? 137 : 255), stdout, stderr }));
      const pid = child.pid;
      if (pid !== undefined) {
        options.started?.({
          pid,
          kill: (signal) => child.kill(signal),
          onOutput: (listener) => {
            seen = listener;
          },
        });
      }
    });
  return {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text, { mode: name.endsWith('debian/rules') ? 0o755 : 0o644 });
      }
    },
    exec: (...args) => execWith({}, ...args),
    execWith,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A rig with the containers that the project ships. */
export async function projectRig(): Promise<Rig> {
  const made = await rig();
  await cp(join(PROJECT, 'containers'), join(made.path, 'containers'), { recursive: true });
  return made;
}
