import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Failure } from '../base/result.ts';

/** The failure for a file operation of ours that did not work; throws again what is not of the operating system's making. */
export function diskFailure(path: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) throw error;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return {
      kind: 'infrastructure',
      reason: 'disk-full',
      message: `The disk of ${path} is full`,
      next: 'Make room (`twinbuild clean` removes what nothing needs) and run it again.',
      cause: error,
    };
  }
  return {
    kind: 'infrastructure',
    reason: 'file',
    message: `${path} can not be written: ${(error as Error).message}`,
    next: 'Mend the rights of that folder, or work in another one with -C.',
    cause: error,
  };
}

/** Bytes that are free for us on the disk of a path, which may not exist yet; undefined where the system does not tell. */
export async function freeBytes(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const above = dirname(path);
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && above !== path ? freeBytes(above) : undefined;
  }
}
