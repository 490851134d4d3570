import { posix } from 'node:path';
import { placesOf } from '../archive/places.ts';
import type { ArchiveIndex, Mirrors, SourcePackage } from '../archive/types.ts';
import { escapeControl } from '../base/escape.ts';
import type { Failure } from '../base/result.ts';
import { compareVersions } from '../control/version.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { FetchOptions, Wanted } from '../store/fetch.ts';
import { presenceOf } from '../store/presence.ts';
import type { Store } from '../store/types.ts';
import { debianSource } from './source.ts';

export type MissingContext = {
  readonly index: ArchiveIndex; // of the archive as it is now
  readonly mirrors: Mirrors;
  readonly store: Store;
  readonly fetch: FetchOptions;
};

/** So many other versions are asked for, the newest first. */
const MOST_VERSIONS = 6;
const MOST_NAMED = 4;

/**
 * Says of a file that is gone what it means when it is one of a source package that the archive lists at this moment: it never was there. Names the
 * files, the servers' answer, and the versions that could be asked for instead; none of them is taken by itself.
 *
 * @param failure of fetching
 * @returns an infrastructure failure source-files-missing, or the failure as it was
 */
export async function missingSource(recipe: Recipe, failure: Failure, context: MissingContext): Promise<Failure> {
  if (failure.reason !== 'file-gone') return failure;
  for (const [number, source] of recipe.sources.entries()) {
    if (source.kind !== 'debian') continue;
    const chosen = debianSource(source, number, { recipe, index: context.index });
    const version = chosen.ok && chosen.value.locked.kind === 'debian' ? chosen.value.locked.version : undefined;
    const all = context.index.sourcesByName.get(source.name) ?? [];
    const listed = all.find((one) => one.version === version);
    if (listed === undefined) continue;
    const gone = await goneOf(listed, recipe, context);
    if (gone === undefined || gone.length === 0) continue;
    return said(listed, gone, failure, await wholeVersions(listed, all, recipe, context));
  }
  return failure;
}

type Gone = { readonly name: string; readonly text: string };

/** The files of a source that nobody has; undefined when that cannot be told. */
async function goneOf(
  { archive, directory, files }: SourcePackage,
  { container }: Recipe,
  { index, mirrors, store, fetch }: MissingContext,
): Promise<readonly Gone[] | undefined> {
  const dates = index.suites.filter((suite) => suite.archive === archive).map(({ date }) => Date.parse(date) / 1000);
  const wanted = files.map(
    ({ name, size, sha256 }): Wanted => ({
      file: { size, sha256 },
      label: name,
      ...placesOf({ archive, path: posix.join(directory, name) }, { mirrors, archives: container.archives, dates }),
    }),
  );
  const found = await presenceOf(store, wanted, fetch);
  if (!found.ok) return undefined;
  return files.flatMap(({ name }, at) => {
    const { state, text } = found.value[at] ?? { state: 'unknown', text: '' };
    return state === 'there' ? [] : [{ name, text: state === 'gone' ? text : `${text}, so it is not known whether it is there` }];
  });
}

/** Other versions of which every file is there, the newest first. */
async function wholeVersions(
  listed: SourcePackage,
  all: readonly SourcePackage[],
  recipe: Recipe,
  context: MissingContext,
): Promise<readonly string[]> {
  const others = new Map(all.filter(({ version }) => version !== listed.version).map((one) => [one.version, one]));
  const newest = [...others.values()].sort((a, b) => compareVersions(b.version, a.version)).slice(0, MOST_VERSIONS);
  const whole: string[] = [];
  for (const one of newest) if ((await goneOf(one, recipe, context))?.length === 0) whole.push(one.version);
  return whole;
}

function said({ name, version }: SourcePackage, gone: readonly Gone[], failure: Failure, whole: readonly string[]): Failure {
  const names = gone.slice(0, MOST_NAMED).map((one) => escapeControl(one.name));
  const more = gone.length > MOST_NAMED ? ` and ${gone.length - MOST_NAMED} more` : '';
  const answers = [...new Set(gone.map(({ text }) => escapeControl(text)))].join(', ');
  const options = whole.map((one) => `--source ${escapeControl(`${name}=${one}`)}`).join(' or ');
  return {
    ...failure,
    reason: 'source-files-missing',
    message: `The archive lists ${names.join(', ')}${more} of ${escapeControl(`${name} ${version}`)} and does not have ${gone.length === 1 ? 'it' : 'them'} (${answers})`,
    next:
      whole.length > 0
        ? `The archive has all files of ${whole.length === 1 ? 'another version' : 'other versions'}: ask for ${options}. Or name a mirror that is whole with TWINBUILD_MIRROR.`
        : 'The archive has no other version of it that is whole: name a mirror that is with TWINBUILD_MIRROR.',
  };
}
