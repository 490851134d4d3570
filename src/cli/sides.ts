import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Sha256 } from '../base/digest.ts';
import { byBytes } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { parseChanges } from '../control/changes.ts';

/** What stands for one file of a side. */
export type Operand = { readonly path: string; readonly listed?: { readonly sha256: Sha256; readonly size: number; readonly by: string } };

/** The files that one operand of `diff` stands for, by the names under which they are compared. */
export type Operands = { readonly kind: 'file' | 'folder' | 'changes'; readonly files: ReadonlyMap<string, Operand> };

/** A .changes of a large source has 100 kB. */
const MOST_CHANGES_BYTES = 16 * 1024 * 1024;

/**
 * What `path` stands for: a file for itself, a folder for all files in it and below, a .changes for itself and the files that it lists, which stand next to it.
 *
 * @returns a usage failure: not-readable, or what a broken .changes gives
 */
export async function operandsOf(path: string): Promise<Result<Operands>> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) return ok({ kind: 'folder', files: await below(path, '') });
    if (!about.isFile()) return fail(noFile(path));
    return path.endsWith('.changes') ? await listed(path) : ok({ kind: 'file', files: new Map([[basename(path), { path }]]) });
  } catch (error) {
    return fail(unreadable(error, path));
  }
}

async function below(root: string, folder: string): Promise<Map<string, Operand>> {
  const files = new Map<string, Operand>();
  for (const entry of (await readdir(join(root, folder), { withFileTypes: true })).sort((a, b) => byBytes(a.name, b.name))) {
    const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const path = join(root, inside);
    if (entry.isDirectory()) for (const [name, file] of await below(root, inside)) files.set(name, file);
    else if ((await stat(path)).isFile())
      files.set(inside, { path }); // links to files too; links to folders could lead in circles
    else throw new NoFile(path);
  }
  return files;
}

async function listed(path: string): Promise<Result<Operands>> {
  if ((await stat(path)).size > MOST_CHANGES_BYTES) return fail({ ...noFile(path), message: `${path} is too large for a .changes.` });
  const changes = parseChanges({ name: path, text: await readFile(path, 'utf8') });
  if (!changes.ok) return changes;
  const files = new Map<string, Operand>([[basename(path), { path }]]);
  for (const { name, sha256, size } of changes.value) {
    files.set(name, { path: join(dirname(path), name), listed: { sha256, size, by: path } });
  }
  return ok({ kind: 'changes', files });
}

class NoFile extends Error {
  readonly path: string;
  constructor(path: string) {
    super();
    this.path = path;
  }
}

function noFile(path: string): Failure {
  return { kind: 'usage', reason: 'not-readable', message: `${path} is neither a file nor a folder.`, next: NEXT };
}

/** The failure for what the system said; a bug is thrown again. */
export function unreadable(error: unknown, path?: string): Failure {
  if (error instanceof NoFile) return noFile(error.path);
  const { code, path: where } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const message = `${where ?? path ?? 'A file'} cannot be read: ${(error as Error).message}`;
  return { kind: 'usage', reason: 'not-readable', message, next: NEXT, cause: error };
}

const NEXT = 'Give two files, two folders or two .changes that exist and can be read.';
