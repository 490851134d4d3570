import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { byBytes } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { readData } from '../deb/data.ts';
import type { TarEntry } from '../format/tar.ts';
import type { World } from './world.ts';

export type DebOptions = { readonly from?: string }; // a .deb, or a folder with .debs; out/RECIPE/first when left out

/** The packages that a recipe's last build gave, or those in the place that the user names. Absolute paths, by name. */
export async function debsOf(world: World, recipe: string, { from }: DebOptions): Promise<Result<readonly string[]>> {
  const place = from ?? join(world.root, 'out', recipe, 'first');
  const about = await stat(place).catch(() => undefined);
  if (about?.isFile()) return ok([place]);
  const names = about === undefined ? [] : (await readdir(place)).filter((name) => name.endsWith('.deb')).sort(byBytes);
  if (names.length > 0) return ok(names.map((name) => join(place, name)));
  return fail({
    kind: 'usage',
    reason: 'no-packages',
    message: `There are no packages in ${place}`,
    next:
      from === undefined
        ? `Build them with \`twinbuild build ${recipe}\`, or say where they are with --from.`
        : 'Name a .deb, or a folder that holds some.',
  });
}

/** The files of a package. See readData for what it throws. */
export function filesOf(deb: string): AsyncGenerator<TarEntry> {
  return readData(createReadStream(deb, { highWaterMark: 1 << 20 }));
}

/** All bytes of a file. For files of kernels, which fit in memory many times. */
export async function held(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
