import { posix } from 'node:path';
import { StreamFailure } from '../base/result.ts';
import { parseStanzas } from '../control/stanza.ts';
import { compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import type { LockedFile } from '../lock/types.ts';
import type { Store } from '../store/types.ts';

const MOST_CONTROL_BYTES = 4 * 1024 * 1024;

/**
 * Whether debian/rules of a source package wants to be root, as far as that can be told: it does not when its debian/control says
 * `Rules-Requires-Root: no`. Format 1.0 has it in a diff, which is not looked into.
 *
 * @param files of the source package, in the store
 */
export async function wantsRoot(files: readonly LockedFile[], store: Store): Promise<boolean> {
  const names = files.map((file) => ({ file, name: posix.basename(file.path) })).filter(({ name }) => /\.tar\.[a-z0-9]+$/.test(name));
  const packaging = names.find(({ name }) => /\.debian\.tar\./.test(name)) ?? (names.length === 1 ? names[0] : undefined);
  const changed = files.some(({ path }) => path.endsWith('.diff.gz'));
  if (packaging === undefined || changed) return true;
  try {
    const control = await controlOf(decompress(compressionOf(packaging.name), store.read(packaging.file.sha256), ARCHIVE_LIMITS));
    const stanzas = control === undefined ? undefined : parseStanzas({ name: 'debian/control', text: control }, { comments: true });
    return !(stanzas?.ok && stanzas.value[0]?.get('Rules-Requires-Root') === 'no');
  } catch (error) {
    if (error instanceof StreamFailure) return true; // dpkg-source will say what is wrong with it
    throw error;
  }
}

/** The text of debian/control, at the top of the tar or one folder below. */
async function controlOf(tar: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  for await (const { member, body } of readTar(tar, ARCHIVE_LIMITS)) {
    if (!/^(\.\/)?([^/]+\/)?debian\/control$/.test(member.name) || member.type !== 'file' || member.size > MOST_CONTROL_BYTES) continue;
    return Buffer.concat(await Array.fromAsync(body)).toString('utf8');
  }
  return undefined;
}
