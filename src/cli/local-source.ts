import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sha256Of } from '../base/digest.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { parseDsc } from '../control/dsc.ts';
import { fileOpening } from '../deb/opening.ts';
import type { LockedFile } from '../lock/types.ts';
import type { Store } from '../store/types.ts';
import type { SourceFiles } from './recorded-inputs.ts';

/**
 * A .dsc of this machine with the files beside it, put into the store.
 *
 * Failures: of kind usage for a .dsc that is none, with its place; unverified-input when a file is not the one that it lists.
 */
export async function localSource(dscPath: string, store: Store): Promise<Result<SourceFiles>> {
  try {
    const dsc = parseDsc({ name: dscPath, text: await readFile(dscPath, 'utf8') });
    if (!dsc.ok) return dsc;
    const own = await sha256Of(fileOpening(dscPath)());
    const files: LockedFile[] = [];
    for (const { name, size, sha256 } of [{ name: basename(dscPath), size: own.size, sha256: own.digest }, ...dsc.value.files]) {
      const added = await store.add(fileOpening(join(dirname(dscPath), name))(), { sha256, size });
      if (!added.ok) return fail({ ...added.error, message: `${name} beside ${basename(dscPath)}: ${added.error.message}` });
      files.push({ archive: 'local', path: name, size, sha256 });
    }
    return ok({ kind: 'dsc', name: dsc.value.source, version: dsc.value.version, files });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) return fail({ ...failureOf(error), kind: 'usage' });
    return fail({ kind: 'usage', reason: 'dsc-unreadable', message: `${dscPath} cannot be read (${code})` });
  }
}
