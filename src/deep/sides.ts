import { createReadStream } from 'node:fs';
import { StreamFailure } from '../base/result.ts';
import type { Artefact } from '../deb/types.ts';
import { readAr } from '../format/ar.ts';
import { compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import { readTar } from '../format/tar.ts';
import { PLAIN_MEMBER, type TarInput } from '../format/tar-write.ts';
import type { Wanted } from './wanted.ts';

const PIECE_BYTES = 1 << 20;
const MOST_SEGMENT = 120; // of a name; file systems allow 255 bytes

/** One side as it lies on the volume: readable for everybody and writable for nobody. `name` is that of a whole artefact. */
export async function* sideOf(side: string, artefact: Artefact, name: string, wanted: Wanted | undefined): AsyncGenerator<TarInput> {
  yield { member: { ...PLAIN_MEMBER, name: side, type: 'directory', mode: 0o755 } };
  const { path, size } = artefact;
  if (wanted === undefined) {
    const member = { ...PLAIN_MEMBER, name: `${side}/${name}`, size };
    yield size === 0 ? { member } : { member, body: createReadStream(path, { highWaterMark: PIECE_BYTES }) };
  } else {
    yield* filesOf(side, path, wanted);
  }
}

/** The wanted files of a package. A package that breaks off gives those before. */
async function* filesOf(side: string, path: string, wanted: Wanted): AsyncGenerator<TarInput> {
  const places = placesOf(wanted);
  try {
    for await (const { member, body } of readAr(createReadStream(path, { highWaterMark: PIECE_BYTES }), ARCHIVE_LIMITS)) {
      const files = wanted.get(member.name);
      if (files === undefined) continue;
      const unpacked = decompress(compressionOf(member.name), body, ARCHIVE_LIMITS);
      for await (const { member: file, body: content } of readTar(unpacked, ARCHIVE_LIMITS)) {
        const place = file.type === 'file' && files.has(file.name) ? places.get(`${member.name}\0${file.name}`) : undefined;
        if (place === undefined) continue;
        places.delete(`${member.name}\0${file.name}`); // a second one of that name is not looked at
        const own = { ...PLAIN_MEMBER, name: `${side}/${place}`, size: file.size };
        yield file.size === 0 ? { member: own } : { member: own, body: content };
      }
    }
  } catch (error) {
    if (!(error instanceof StreamFailure) || error.failure.kind !== 'unverified-input') throw error;
  }
}

/**
 * Where each wanted file lies below its side: by its own path, so that diffoscope speaks of that, but with nothing in it that could lead elsewhere or that a file
 * system would refuse. Both sides get the same places.
 */
export function placesOf(wanted: Wanted): Map<string, string> {
  const places = new Map<string, string>();
  const taken = new Set<string>();
  for (const [part, files] of wanted) {
    for (const file of files) {
      const plain = plainPath(`${part.replace(/\.tar.*$/, '')}/${file}`);
      let place = plain;
      for (let number = 2; isTaken(place, taken); number += 1) place = `${number}/${plain}`;
      for (let at = place.indexOf('/'); at !== -1; at = place.indexOf('/', at + 1)) taken.add(`${place.slice(0, at)}/`);
      taken.add(place);
      places.set(`${part}\0${file}`, place);
    }
  }
  return places;
}

/** Whether a file lies there, or a folder, or a file where a folder of its path should be. */
function isTaken(place: string, taken: ReadonlySet<string>): boolean {
  if (taken.has(place) || taken.has(`${place}/`)) return true;
  for (let at = place.indexOf('/'); at !== -1; at = place.indexOf('/', at + 1)) if (taken.has(place.slice(0, at))) return true;
  return false;
}

function plainPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  return segments.map((segment) => segment.replaceAll(/[^\w.+~@=,:-]/g, '_').slice(-MOST_SEGMENT)).join('/');
}
