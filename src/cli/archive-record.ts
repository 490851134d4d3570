import { encodePart } from '../archive/places.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { type BuildRecord, parseRecord } from '../control/record.ts';
import { type FetchOptions, fetchDocument } from '../store/fetch.ts';
import type { World } from './world.ts';

/** Where Debian's .buildinfo files are collected. */
const BUILDINFOS = 'https://buildinfos.debian.net/buildinfo-pool';
const MOST_BYTES = 16 * 1024 * 1024;

/** Asks a collection of .buildinfo files; after it could not be reached once, nothing more is asked. */
export type Collection = (record: Pick<BuildRecord, 'source' | 'version' | 'architectures'>) => Promise<Result<BuildRecord | undefined>>;

/**
 * The .buildinfo of a build of the archive, when somebody has it: `POOL/h/hello/hello_2.10-3_amd64.buildinfo`. Nobody vouches for it, so it is good for words and
 * for the surroundings of a build, and never for what is built with.
 */
export function recordCollection(world: World, fetch: FetchOptions): Result<Collection> {
  const base = (world.environment['TWINBUILD_BUILDINFOS'] || BUILDINFOS).replace(/\/+$/, '');
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) {
    return fail({
      kind: 'usage',
      reason: 'mirror-invalid',
      message: `TWINBUILD_BUILDINFOS has ${base}, which is not an http or https address`,
      next: 'Give the base address of a pool of .buildinfo files.',
    });
  }
  let reached = !fetch.offline;
  return ok(async ({ source, version, architectures: [architecture = ''] }) => {
    if (!reached) return ok(undefined);
    const label = `${source}_${version.replace(/^\d+:/, '')}_${architecture}.buildinfo`;
    const folder = /^lib./.test(source) ? source.slice(0, 4) : source.slice(0, 1);
    const url = `${base}/${folder}/${encodePart(source)}/${encodePart(label)}`;
    const got = await fetchDocument({ label, urls: [url] }, MOST_BYTES, { ...fetch, retries: 0 });
    if (fetch.running.signal.aborted) return fail(fetch.running.signal.reason as Failure);
    if (!got.ok) {
      reached = got.error.reason === 'file-gone';
      return ok(undefined);
    }
    const record = parseRecord({ name: label, text: Buffer.from(got.value.bytes).toString('utf8') });
    const fits = record.ok && record.value.source === source && record.value.version === version;
    return ok(fits ? record.value : undefined);
  });
}
