import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** A repository on disk, with a working tree. */
export type Repository = { readonly path: string; readonly git: (...words: readonly string[]) => Promise<string> };

/** Answers in place of git; false: let git answer. */
export type Meddler = (request: IncomingMessage, response: ServerResponse) => boolean;

export type GitServer = AsyncDisposable & {
  readonly url: string; // without a slash at the end; repositories are below it
  readonly root: string;
  readonly requests: string[]; // method and path
  meddler: Meddler | undefined;
  /** An empty repository at NAME. */
  repository(name: string, format?: 'sha1' | 'sha256'): Promise<Repository>;
};

const WHO = { GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@example.org' };
const WHEN = '2024-03-01T12:00:00Z';
const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  ...WHO,
  GIT_AUTHOR_DATE: WHEN,
  GIT_COMMITTER_DATE: WHEN,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  HOME: '/nonexistent',
  LC_ALL: 'C',
};
/** When every commit of the tests was made, in seconds since 1970. */
export const WHEN_SECONDS: number = Date.parse(WHEN) / 1000;

/** Runs the git of this machine, which only tests do. */
export function git(
  cwd: string,
  words: readonly string[],
  input?: string | Uint8Array,
  environment: Readonly<Record<string, string>> = {},
): Promise<Buffer> {
  return new Promise((done, broken) => {
    const options = { cwd, env: { ...ENVIRONMENT, ...environment }, encoding: 'buffer' as const, maxBuffer: 256 * 1024 ** 2 };
    const child = execFile('git', [...words], options, (error, out) => (error ? broken(error) : done(out)));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

/** Real repositories served by git's own http-backend on the loopback, both gone with the scope; or a second server of what another one has. */
export async function gitServer(shared?: GitServer): Promise<GitServer> {
  const root = shared?.root ?? (await mkdtemp(join(tmpdir(), 'twinbuild-git-')));
  const requests: string[] = [];
  const http = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (!served.meddler?.(request, response)) backend(root, request, response);
  });
  await new Promise<void>((ready) => http.listen(0, '127.0.0.1', ready));
  const served: GitServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    root,
    requests,
    meddler: undefined,
    repository: async (name, format = 'sha1') => {
      const path = join(root, name);
      await mkdir(path, { recursive: true });
      const own = async (...words: readonly string[]) => (await git(path, words)).toString().trim();
      await own('init', '--quiet', '--initial-branch=main', `--object-format=${format}`);
      await own('config', 'uploadpack.allowAnySHA1InWant', 'true'); // of interest to the older protocol
      return { path, git: own };
    },
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
      if (!shared) await rm(root, { recursive: true, force: true });
    },
  };
  return served;
}

/** Lets git answer a request whose body was changed; others it leaves alone. */
export function changing(repository: Repository, change: (body: string) => string | undefined): Meddler {
  return (request, response) => {
    if (request.method !== 'POST') return false;
    const parts: Buffer[] = [];
    request.on('data', (piece: Buffer) => void parts.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const changed = Buffer.from(change(body.toString('latin1')) ?? body);
      const answer = git(repository.path, ['upload-pack', '--stateless-rpc', '.'], changed, { GIT_PROTOCOL: 'version=2' });
      void answer.then((whole) => response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' }).end(whole));
    });
    return true;
  };
}

/** git's http-backend as a CGI program. */
function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '', 'http://x');
  const [, name = '', rest = ''] = /^\/(.+?)(\/(?:info\/refs|git-upload-pack|HEAD|objects\/.*))$/.exec(decodeURI(pathname)) ?? [];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn('git', ['http-backend'], {
    env: {
      ...ENVIRONMENT,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${name}/.git${rest}`,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      ...(request.headers['git-protocol'] ? { GIT_PROTOCOL: String(request.headers['git-protocol']) } : {}),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  let begun = false;
  child.stdout.on('data', (piece: Buffer) => {
    if (begun) return void response.write(piece);
    head = Buffer.concat([head, piece]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    begun = true;
    const headers = Object.fromEntries(
      head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(/: */, 2) as [string, string]),
    );
    response.writeHead(Number((headers['Status'] ?? '200').split(' ')[0]), headers);
    response.write(head.subarray(end + 4));
  });
  child.on('close', () => (begun ? response.end() : response.writeHead(500).end()));
  response.on('close', () => child.kill());
}

/** Writes files into a working tree and commits them; a value that starts with `-> ` is the target of a link. The id of the commit. */
export async function commit(
  { path, git: own }: Repository,
  files: Readonly<Record<string, string>>,
  executable: readonly string[] = [],
): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    if (text.startsWith('-> ')) await symlink(text.slice(3), join(path, name));
    else await writeFile(join(path, name), text, { mode: executable.includes(name) ? 0o755 : 0o644 });
  }
  await own('add', '--all', '--force');
  await own('commit', '--quiet', '--allow-empty', '--message=A commit');
  return own('rev-parse', 'HEAD');
}
