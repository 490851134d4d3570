import { ARCHIVE_LIMITS, type ArchiveLimits } from '../../src/format/limits.ts';
import { readTar, type TarMember } from '../../src/format/tar.ts';

/** All members of a tar with their bodies as text. */
export async function members(bytes: AsyncIterable<Uint8Array>, limits: ArchiveLimits = ARCHIVE_LIMITS): Promise<[TarMember, string][]> {
  const all: [TarMember, string][] = [];
  for await (const { member, body } of readTar(bytes, limits)) all.push([member, Buffer.concat(await Array.fromAsync(body)).toString()]);
  return all;
}
