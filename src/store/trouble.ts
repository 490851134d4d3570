import { type Failure, StreamFailure } from '../base/result.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS']);
const WORN = new Set(['EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG']);

/** The failure that a file system's error stands for; anything that is no such error is a bug and is thrown again. */
export function diskFailure(error: unknown, root: string): Failure {
  if (error instanceof StreamFailure) return error.failure;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (FULL.has(code)) {
    return {
      kind: 'infrastructure',
      reason: 'disk-full',
      message: `the disk that holds the store ${root} is full`,
      next: 'Free some space (`twinbuild clean` removes what nothing needs), or set TWINBUILD_HOME to a folder on a larger disk.',
      cause: error,
    };
  }
  if (DENIED.has(code)) {
    return {
      kind: 'infrastructure',
      reason: 'store-not-writable',
      message: `the store ${root} cannot be written (${code})`,
      next: 'Give the folder to the user who runs this, or set TWINBUILD_HOME to a folder of your own.',
      cause: error,
    };
  }
  if (WORN.has(code)) {
    return {
      kind: 'infrastructure',
      reason: 'store-unreadable',
      message: `the store ${root} cannot be read or written (${code})`,
      next: 'Look at the disk and at the limits of open files, then run it again.',
      cause: error,
    };
  }
  throw error;
}

/** Whether the error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

/** An entry that is not what its name says. It has been moved aside when this is made. */
export function corruptEntry(digest: string, root: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'store-entry-corrupt',
    message: `the store's file ${digest} is damaged: its content has another digest`,
    next: 'It was moved aside; run the command again and the file is fetched anew.',
    details: [`store: ${root}`],
  };
}

/** A digest that nobody put into the store. */
export function missingEntry(digest: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'store-entry-missing',
    message: `the store has no file ${digest}`,
    next: 'Run `twinbuild fetch` to fill the store, then run the command again.',
  };
}
