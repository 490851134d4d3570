import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

// The scripts of the kernel's packaging, which run in the build's container, with the perl and the shell of this machine.
export const DEBIAN = resolve('recipes/proxmox-kernel/debian');

export type Ended = { readonly status: number; readonly out: string; readonly err: string };

/** Runs a script of the packaging in a folder, with `args`. */
export function run(folder: string, script: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(join(DEBIAN, 'bin', script), args, { cwd: folder, env: { ...process.env, LC_ALL: 'C' } }, (error, out, err) => {
      ended({ status: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}

/** Files in a folder that is removed with its scope. */
export type Folder = AsyncDisposable & { readonly path: string };

export async function folderWith(files: Readonly<Record<string, string>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'twinbuild-kernel-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
