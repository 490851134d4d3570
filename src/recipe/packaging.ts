import { join } from 'node:path';
import type { SourceText } from '../base/location.ts';
import type { Source } from './recipe.ts';
import { readText } from './text.ts';

/** debian/control and debian/changelog of a source tree. */
export type FolderPackaging = { readonly control: SourceText | undefined; readonly changelog: SourceText | undefined };

/** What a local folder brings of a tree's debian/, at the place where it is laid into the tree; nothing when it lies elsewhere. */
export async function folderPackaging(source: Source & { readonly kind: 'folder' }): Promise<FolderPackaging> {
  const below = source.directory === undefined ? 'debian' : source.directory === 'debian' ? '' : undefined;
  const read = async (name: string): Promise<SourceText | undefined> => {
    if (below === undefined) return undefined;
    const path = join(source.path, below, name);
    const text = await readText(path, path, { mostBytes: 16 * 1024 ** 2, lenient: name === 'changelog' }); // a changelog of thirty years
    return text.ok ? text.value : undefined;
  };
  return { control: await read('control'), changelog: await read('changelog') };
}
