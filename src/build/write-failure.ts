import type { Failure } from '../base/result.ts';

/** The failure for a folder of results that could not be written; throws again what is not of the operating system's making. */
export function writeFailure(folder: string, error: unknown): Failure {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (code === '') throw error;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return {
    kind: 'infrastructure',
    reason: full ? 'disk-full' : 'disk',
    message: full ? `The disk of ${folder} is full.` : `${folder} could not be written (${code}).`,
    next: full ? 'Make room (`twinbuild clean` removes what nothing needs) and run it again.' : 'Correct its permissions.',
    cause: error,
  };
}
