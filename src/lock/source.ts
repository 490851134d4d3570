import { posix } from 'node:path';
import type { ArchiveIndex, SourcePackage } from '../archive/types.ts';
import { sha256Of } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { type DscFile, parseDsc } from '../control/dsc.ts';
import { compareVersions } from '../control/version.ts';
import { folderDigest } from '../recipe/fingerprint.ts';
import { localDscPath } from '../recipe/local-dsc.ts';
import { placeIn } from '../recipe/place.ts';
import type { InTree, Recipe, Source } from '../recipe/recipe.ts';
import { nearest } from '../recipe/suggest.ts';
import type { Store } from '../store/types.ts';
import { automatic } from './automatic.ts';
import { checkFit } from './fit.ts';
import { type GitContext, resolveGit } from './git.ts';
import { addBeside, addLocalFile } from './local.ts';
import type { LockedFile, LockedSource } from './types.ts';
import { BUILD_FIELDS, type BuildFields } from './wish.ts';

/** A source as the lock names it, with what is known of its build-dependencies before it is unpacked. */
export type ResolvedSource = {
  readonly source: Source;
  readonly locked: LockedSource;
  readonly fields: BuildFields | undefined;
  readonly newestSeconds?: number; // of git: when the commit was made, since 1970-01-01T00:00:00Z
};

export type SourceContext = {
  readonly recipe: Pick<Recipe, 'name' | 'file' | 'container' | 'build'>;
  readonly index: Pick<ArchiveIndex, 'sourcesByName' | 'packagesByName' | 'notAutomatic'>;
  readonly store: Store;
  readonly fetch: (files: readonly FetchedFile[]) => Promise<Result<void>>; // into the store
  readonly git: Omit<GitContext, 'recipe'>;
};

export type FetchedFile = Pick<LockedFile, 'archive' | 'path' | 'sha256'> & { readonly size: number | undefined };

const MOST_DSC_BYTES = 4 * 1024 ** 2;

/**
 * Pins one source of a recipe.
 *
 * @param index its place in the recipe
 * @returns a usage failure unknown-source or unknown-version with the place in the recipe, or what fetching gives
 */
export async function resolveSource(source: Source, index: number, context: SourceContext): Promise<Result<ResolvedSource>> {
  switch (source.kind) {
    case 'debian':
      return debianSource(source, index, context);
    case 'dsc':
      return dscSource(source, context);
    case 'tarball': {
      const file = await urlFile(source, context);
      return file.ok
        ? ok({ source, fields: undefined, locked: { kind: 'tarball', directory: source.directory, files: [file.value] } })
        : file;
    }
    case 'git':
      return resolveGit(source, index, { recipe: context.recipe, ...context.git });
    case 'folder':
      try {
        return ok({
          source,
          fields: undefined,
          locked: { kind: 'folder', directory: source.directory, sha256: await folderDigest(source.path) },
        });
      } catch (error) {
        return fail(failureOf(error));
      }
    default:
      return source satisfies never;
  }
}

/** Pins a source of the archive: the newest of its version, or the newest of all. */
export function debianSource(
  source: Source & { kind: 'debian' },
  index: number,
  { recipe, index: { sourcesByName, packagesByName, notAutomatic } }: Pick<SourceContext, 'recipe' | 'index'>,
): Result<ResolvedSource> {
  const { suite } = recipe.container;
  const all = sourcesByName.get(source.name) ?? [];
  if (all.length === 0) {
    const binary = packagesByName.get(source.name)?.at(-1);
    const near = nearest(source.name, [...sourcesByName.keys()]);
    const meant =
      binary && binary.source !== ''
        ? `; the binary package of that name is built from ${binary.source.split(' ')[0]}`
        : near && `; did you mean ${near}?`;
    const message = `There is no source package ${source.name} in ${suite} (${recipe.container.components.join(', ')})${meant ?? ''}`;
    return fail({ kind: 'usage', reason: 'unknown-source', message, ...placeIn(recipe, ['sources', index, 'debian']) });
  }
  const usual = automatic(
    all.filter(({ extraSourceOnly }) => !extraSourceOnly),
    notAutomatic,
  );
  const fitting = source.version === undefined ? (usual.length > 0 ? usual : all) : all.filter(({ version }) => version === source.version);
  const best = fitting.reduce<SourcePackage | undefined>(
    (newest, one) => (newest === undefined || compareVersions(one.version, newest.version) > 0 ? one : newest),
    undefined,
  );
  if (best === undefined) {
    const versions = [...new Set(all.map(({ version }) => version))].sort(compareVersions);
    return fail({
      kind: 'usage',
      reason: 'unknown-version',
      message: `${suite} has no version ${source.version} of the source package ${source.name}; it has ${versions.join(', ')}`,
      next: 'Name a version that is there, or leave `version` out for the newest.',
      ...placeIn(recipe, ['sources', index, 'version']),
    });
  }
  const { archive, directory } = best;
  const files = best.files.map(({ name, size, sha256 }): LockedFile => ({ archive, path: posix.join(directory, name), size, sha256 }));
  const fields: BuildFields = {
    'Build-Depends': best.buildDepends,
    'Build-Depends-Arch': best.buildDependsArch,
    'Build-Depends-Indep': best.buildDependsIndep,
    'Build-Conflicts': best.buildConflicts,
    'Build-Conflicts-Arch': best.buildConflictsArch,
    'Build-Conflicts-Indep': best.buildConflictsIndep,
  };
  const fit = isTree(source) ? checkFit(best, { build: recipe.build, architecture: recipe.container.architecture }) : ok();
  if (!fit.ok) return fail({ ...fit.error, ...placeIn(recipe, ['sources', index, 'debian']) });
  return ok(inTree(source, { kind: 'debian', name: best.name, version: best.version, files }, fields));
}

/** A Debian source package with what the recipe says of its place. Unless it is the tree, its packaging says nothing of the build. */
function inTree(
  source: Source & { kind: 'debian' | 'dsc' },
  whole: LockedSource & { kind: 'debian' | 'dsc' },
  fields: BuildFields,
): ResolvedSource {
  const { directory, part } = source;
  const files = part === 'upstream' ? upstreamOf(whole.files) : whole.files;
  return {
    source,
    fields: isTree(source) ? fields : undefined,
    locked: { ...whole, files, directory, part },
  };
}

/** Whether a Debian source may be the source tree. */
function isTree({ directory, part }: InTree): boolean {
  return directory === undefined && part === undefined;
}

/** The upstream tarballs: `orig`, and further ones for folders below; of a native package the only one there is (dpkg-source(1)). */
function upstreamOf(files: readonly LockedFile[]): readonly LockedFile[] {
  const original = files.filter(({ path }) => /\.orig(-[A-Za-z0-9-]+)?\.tar\.[a-z0-9]+$/.test(path));
  return original.length > 0 ? original : files.filter(({ path }) => /\.tar\.[a-z0-9]+$/.test(path) && !/\.debian\.tar\./.test(path));
}

/** A .dsc by its address. Its own digest vouches for the digests in it; the other files lie next to it. */
async function dscSource(source: Source & { kind: 'dsc' }, context: SourceContext): Promise<Result<ResolvedSource>> {
  const local = localDscPath(source);
  const file = local === undefined ? await urlFile(source, context) : await addLocalFile(context.store, local, local, source);
  if (!file.ok) return file;
  if (file.value.size > MOST_DSC_BYTES)
    return fail({
      kind: 'usage',
      reason: 'dsc-malformed',
      message: `${escapeControl(source.url)} has ${file.value.size} bytes; that is no .dsc`,
    });
  const bytes = await context.store.readAll(source.sha256);
  if (!bytes.ok) return bytes;
  const dsc = parseDsc({ name: local ?? posix.basename(new URL(source.url).pathname), text: Buffer.from(bytes.value).toString() });
  if (!dsc.ok) return dsc;
  const { stanza, source: name, version } = dsc.value;
  const beside =
    local === undefined ? ok(dsc.value.files.map((one) => fileAtUrl(one, source.url))) : await addBeside(context.store, local, dsc.value);
  if (!beside.ok) return beside;
  const { build, container } = context.recipe;
  const architectures = (stanza.folded('Architecture') ?? '').split(' ').filter((one) => one !== '');
  const fit = isTree(source) ? checkFit({ name, architectures }, { build, architecture: container.architecture }) : ok();
  if (!fit.ok) return fail({ ...fit.error, at: stanza.at('Architecture') });
  const fields = Object.fromEntries(BUILD_FIELDS.map((field) => [field, stanza.folded(field) ?? '']));
  return ok(inTree(source, { kind: 'dsc', name, version, files: [file.value, ...beside.value] }, fields));
}

function fileAtUrl({ name, size, sha256 }: DscFile, url: string): LockedFile {
  return { archive: 'url', path: new URL(encodeURIComponent(name), url).href, size, sha256 };
}

async function urlFile(
  { url, sha256 }: { readonly url: string; readonly sha256: LockedFile['sha256'] },
  { store, fetch }: SourceContext,
): Promise<Result<LockedFile>> {
  const fetched = await fetch([{ archive: 'url', path: url, sha256, size: undefined }]);
  if (!fetched.ok) return fetched;
  try {
    const { size } = await sha256Of(store.read(sha256));
    return ok({ archive: 'url', path: url, size, sha256 });
  } catch (error) {
    return fail(failureOf(error));
  }
}
