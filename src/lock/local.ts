import { posix } from 'node:path';
import type { Location } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Dsc } from '../control/dsc.ts';
import { localFile } from '../recipe/local-dsc.ts';
import type { Store } from '../store/types.ts';
import type { LockedFile } from './types.ts';

/** The archive of files that lie on this machine, beside the .dsc that the recipe names. */
export const LOCAL = 'local';

/**
 * A file beside a local .dsc, put into the store, where builds take it from.
 *
 * @returns an unverified-input failure digest-mismatch when it is not what was expected, a usage failure dsc-file-missing
 */
export async function addLocalFile(
  store: Store,
  dscPath: string,
  name: string,
  expected: { readonly sha256: LockedFile['sha256']; readonly size?: number },
): Promise<Result<LockedFile>> {
  const path = posix.basename(name);
  const { sha256, size } = expected;
  if (size !== undefined && (await store.has(sha256, size))) return ok({ archive: LOCAL, path, size, sha256 });
  const added = await store.add(localFile(dscPath, path), expected);
  if (added.ok) return ok({ archive: LOCAL, path, ...added.value });
  if (added.error.reason !== 'digest-mismatch') return added;
  return fail({
    ...added.error,
    message: `${path} is not the file that ${posix.basename(dscPath)} lists: ${added.error.message}`,
    next: 'Get that source package again.',
  });
}

/** All files that a local .dsc lists; a failure has the place of the line that lists the file. */
export async function addBeside(store: Store, dscPath: string, { files, stanza }: Dsc): Promise<Result<readonly LockedFile[]>> {
  const added: LockedFile[] = [];
  for (const { name, size, sha256 } of files) {
    const one = await addLocalFile(store, dscPath, name, { sha256, size });
    if (!one.ok) return fail({ ...one.error, at: lineOf(stanza, name) });
    added.push(one.value);
  }
  return ok(added);
}

function lineOf(stanza: Dsc['stanza'], name: string): Location {
  const line = stanza.lines('Checksums-Sha256').find((each) => each.endsWith(` ${name}`));
  return stanza.within('Checksums-Sha256', line ?? '');
}
