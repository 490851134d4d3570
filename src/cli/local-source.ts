import { basename } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { parseDsc } from '../control/dsc.ts';
import { addBeside, addLocalFile } from '../lock/local.ts';
import { localDsc } from '../recipe/local-dsc.ts';
import type { Store } from '../store/types.ts';
import type { SourceFiles } from './recorded-inputs.ts';

/**
 * A .dsc of this machine with the files beside it, put into the store.
 *
 * Failures: of kind usage for a .dsc that is none, with its place, and for a file that is missing; unverified-input when one is not what the .dsc lists.
 */
export async function localSource(dscPath: string, store: Store): Promise<Result<SourceFiles>> {
  const found = await localDsc(dscPath, dscPath);
  if (!found.ok) return found;
  const own = await addLocalFile(store, dscPath, basename(dscPath), found.value);
  if (!own.ok) return own;
  const bytes = await store.readAll(own.value.sha256);
  if (!bytes.ok) return bytes;
  const dsc = parseDsc({ name: dscPath, text: Buffer.from(bytes.value).toString('utf8') });
  if (!dsc.ok) return fail({ ...dsc.error, kind: 'usage' });
  const beside = await addBeside(store, dscPath, dsc.value);
  if (!beside.ok) return beside;
  return ok({ kind: 'dsc', name: dsc.value.source, version: dsc.value.version, files: [own.value, ...beside.value] });
}
