import { readAr } from '../format/ar.ts';
import { compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../format/limits.ts';
import { malformed } from '../format/malformed.ts';
import { readTar, type TarEntry } from '../format/tar.ts';

/**
 * The files that a binary package would install (deb(5)), in its order. A body can be read until the next entry is asked for.
 *
 * @throws StreamFailure (unverified-input) when it is no package, or a broken one; deb-malformed when it has no data.tar
 */
export async function* readData(bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits = ARCHIVE_LIMITS): AsyncGenerator<TarEntry> {
  for await (const { member, body } of readAr(bytes, limits)) {
    if (!/^data\.tar(\.[a-z0-9]+)?$/.test(member.name)) continue;
    yield* readTar(decompress(compressionOf(member.name), body, limits), limits);
    return;
  }
  throw malformed('deb-malformed', 'This is no Debian package: it has no data.tar.');
}
