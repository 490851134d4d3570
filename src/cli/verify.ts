import { resolve } from 'node:path';
import { fail, type Result } from '../base/result.ts';
import { failureJson } from '../report/failure.ts';
import { tellGithub } from './github.ts';
import { failed } from './outcome.ts';
import type { Outcome } from './run.ts';
import { verifyArchive } from './verify-archive.ts';
import { type VerifyOptions, verifyRecord } from './verify-record.ts';
import type { World } from './world.ts';

/**
 * `twinbuild verify --archive NAME[=VERSION]…`: see verifyArchive.
 *
 * `twinbuild verify FILE.buildinfo [DEB…]`: builds again what somebody published, from exactly what they recorded, and compares. Exit status 0: it
 * came out as published; 1: it did not; 6: something that was given is not what was recorded; 7: something that was recorded is not to be had.
 */
export async function verify(
  world: World,
  names: readonly string[],
  options: VerifyOptions & { readonly archive?: boolean },
): Promise<Outcome> {
  if (options.archive) return verifyArchive(world, names, options);
  const wrong = checkNames(names);
  if (!wrong.ok) return failed(wrong.error);
  const end = await verifyRecord(world, names, options);
  await tellGithub(world, { target: { kind: 'dsc', path: resolve(world.root, names[0] ?? '') }, subject: undefined }, end);
  const document = end.report ?? { status: end.status, failure: end.failure && failureJson(end.failure) };
  return { status: end.status, json: document, ...(end.failure ? { failure: end.failure } : {}) };
}

function checkNames(names: readonly string[]): Result<void> {
  if (names[0]?.endsWith('.buildinfo')) return { ok: true, value: undefined };
  return fail({
    kind: 'usage',
    reason: 'no-buildinfo',
    message: names[0] === undefined ? 'There is nothing to verify' : `${names[0]} is no .buildinfo`,
    next: 'Name a .buildinfo first, then the packages that it speaks of; they are also found beside it.',
  });
}
