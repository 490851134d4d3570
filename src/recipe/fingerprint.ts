import { basename } from 'node:path';
import { type Sha256, sha256, sha256Of } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { folderTar } from './folder.ts';
import { localDscPath } from './local-dsc.ts';
import type { Parts, Recipe, Source } from './recipe.ts';

/**
 * Digests of everything that a recipe itself says or brings along: each part by itself, and the whole. They do not depend on formatting,
 * comments, where the checkout stands, or dates, owners and umask of files.
 */
export async function partsOf(
  recipe: Omit<Recipe, 'digest' | 'parts'>,
): Promise<Result<{ readonly digest: Sha256; readonly parts: Parts }>> {
  const { name, sources, patches, buildDepends, environment, build, steps, outputs, epoch, resources, permissions, container } = recipe;
  const said = { name, 'build-depends': buildDepends, environment, steps, outputs, epoch, resources, permissions };
  const parts: Record<string, Sha256> = Object.fromEntries(
    Object.entries(said).map(([part, value]) => [part, sha256(canonicalJson(value))]),
  );
  if (build !== 'binary') parts['build'] = sha256(canonicalJson(build)); // locks from before there was a choice stay as they are
  for (const [part, digest] of Object.entries(container.parts)) parts[`container.${part}`] = digest;
  try {
    for (const [index, source] of sources.entries()) parts[`sources[${index}]`] = sha256(canonicalJson(await sourceFacts(source)));
    for (const [index, { path, directory }] of patches.entries()) {
      parts[`patches[${index}]`] = sha256(canonicalJson({ directory, content: await folderDigest(path) }));
    }
  } catch (error) {
    return fail(failureOf(error));
  }
  return ok({ digest: sha256(canonicalJson(parts)), parts });
}

/** The digest of a folder's canonical tar. */
export async function folderDigest(path: string): Promise<Sha256> {
  return (await sha256Of(folderTar(path))).digest;
}

async function sourceFacts(source: Source): Promise<unknown> {
  const local = localDscPath(source);
  if (local !== undefined) return { ...source, url: basename(local) };
  if (source.kind !== 'folder') return source;
  return { kind: 'folder', directory: source.directory, content: await folderDigest(source.path) };
}
