import { posix } from 'node:path';
import { type Exact, exactKey, findExact, nearestTo, type Search } from '../archive/exact.ts';
import { placesOf as urlsOf } from '../archive/places.ts';
import type { ListsContext, SuiteLists } from '../archive/suite-lists.ts';
import type { SourcePackage } from '../archive/types.ts';
import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { BuildRecord } from '../control/record.ts';
import { compareVersions } from '../control/version.ts';
import type { LockedFile, LockedSource, LockedSuite } from '../lock/types.ts';
import { wantsRoot } from '../rebuild/root.ts';
import { placesOf } from '../rebuild/suites.ts';
import { type Added, fitted, type Shelf, type System, systemOf } from '../rebuild/system.ts';
import type { Container } from '../recipe/recipe.ts';
import type { NearestVersion } from '../report/verify.ts';
import { fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { debianKeyring, fetchOptions, theMirrors } from './tools.ts';
import type { World } from './world.ts';

/** What a recorded build is made from: each file vouched for by a signed list. */
export type RecordedInputs = {
  readonly packages: System['packages'];
  readonly suites: readonly LockedSuite[]; // whose lists name the packages and the source
  readonly files: readonly Wanted[]; // to be fetched
  readonly source: SourceFiles;
  readonly signedSource: boolean; // a signed list names it; else it is the .dsc that was given
  readonly nearest: readonly NearestVersion[];
  readonly added: readonly Added[];
  readonly named: readonly string[]; // which list names how many of the recorded packages, a line each
  readonly context: ListsContext;
};

export type SourceFiles = Extract<LockedSource, { readonly kind: 'debian' | 'dsc' }>;

export type InputOptions = {
  readonly nearest: boolean; // take the nearest version of what is found nowhere
  readonly source: SourceFiles | undefined; // a source package whose files are in the store; undefined: that of the signed lists
};

/**
 * Finds the packages of a record in exactly their versions, and its source.
 *
 * Failures: infrastructure versions-missing with all of them, and source-missing; unverified-input source-mismatch when the source is not the one
 * that was recorded, and whatever lists and files give.
 */
export async function recordedInputs(
  world: World,
  record: BuildRecord,
  container: Container,
  store: Store,
  options: InputOptions,
): Promise<Result<RecordedInputs>> {
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return mirrors;
  const keyring = await debianKeyring();
  if (!keyring.ok) return keyring;
  const places = await placesOf(record, container, keyring.value);
  if (!places.ok) return places;
  const foreign = record.installed.filter(
    ({ architecture }) => architecture !== undefined && architecture !== 'all' && architecture !== record.buildArchitecture,
  );
  if (foreign.length > 0) return fail(foreignFailure(foreign));
  world.running.tell({ kind: 'stage', text: `looking for ${record.installed.length} recorded packages in exactly their versions` });
  const context: ListsContext = {
    store,
    mirrors: mirrors.value,
    archives: container.archives,
    fetch: fetchOptions(world),
    nowSeconds: Math.floor(world.nowMs() / 1000),
  };
  const search = await findExact(record.installed, places.value, context);
  if (!search.ok) return search;
  const { missing, lists } = search.value;
  const near = missing.map((one) => ({ one, found: options.nearest ? nearestTo(one, lists, compareVersions) : undefined }));
  const nowhere = near.filter(({ found }) => found === undefined);
  if (nowhere.length > 0)
    return fail(
      missingFailure(
        nowhere.map(({ one }) => one),
        search.value,
        options.nearest,
      ),
    );

  const own = lists.filter(({ suite }) => places.value.first.some((wish) => wish.archive === suite.archive && wish.suite === suite.suite));
  const further = lists.filter((each) => !own.includes(each));
  const shelf: Shelf = (name) => [own, further].map((group) => group.flatMap((each) => each.packages.get(name) ?? []));
  const exact = record.installed.flatMap((one) => search.value.found.get(exactKey(one))?.package ?? []);
  const chosen = fitted([...exact, ...near.flatMap(({ found }) => found?.package ?? [])], new Set(exact), shelf);
  const there = options.source === undefined ? sourceIn(record, lists) : undefined;
  const source = options.source ?? there?.locked;
  if (source === undefined) return fail(sourceMissing(record, search.value));
  const fits = checkSource(record, source);
  if (!fits.ok) return fits;
  const sourceFiles = there === undefined ? [] : source.files.map((file) => wantedOf(file, there.lists, context));
  const fetched = await fetchFiles(store, sourceFiles, context.fetch);
  if (!fetched.ok) return fetched;
  const rooting = (await wantsRoot(source.files, store))
    ? [{ name: 'fakeroot', why: 'debian/rules becomes root with it, which no .buildinfo records' }]
    : [];
  const system = systemOf(chosen, rooting, shelf);
  if (!system.ok) return system;
  const used = [...record.installed.map((one) => search.value.found.get(exactKey(one))), ...near.map(({ found }) => found)];
  const recordedOf = new Map(missing.map(({ name, version }) => [name, version]));
  return ok({
    packages: system.value.packages,
    suites: lists.filter((each) => each === there?.lists || used.some((found) => found?.lists === each)).map(({ suite }) => suite),
    files: system.value.packages.map((file) => wantedOf(file, listsOf(file, lists), context)),
    source,
    signedSource: there !== undefined,
    nearest: chosen.flatMap(({ name, version }) => {
      const recorded = recordedOf.get(name);
      return recorded === undefined ? [] : [{ name, recorded, used: version }];
    }),
    added: system.value.added,
    named: lists.flatMap((each) => {
      const count = used.filter((found) => found?.lists === each).length;
      const { archive, suite, date } = each.suite;
      return count === 0 ? [] : [`${count} named by ${archive} ${suite} of ${date}`];
    }),
    context,
  });
}

/** The lists that name a file. */
function listsOf(file: LockedFile & { readonly name: string }, lists: readonly SuiteLists[]): SuiteLists | undefined {
  return lists.find((each) =>
    (each.packages.get(file.name) ?? []).some(({ sha256, archive }) => sha256 === file.sha256 && archive === file.archive),
  );
}

/** Where to look for a file: the mirrors and the snapshot archive at the time of the list that names it; there alone when only that has it. */
function wantedOf(file: LockedFile, lists: SuiteLists | undefined, { mirrors, archives }: ListsContext): Wanted {
  const label = posix.basename(file.path);
  const dates = lists === undefined ? [] : [Date.parse(lists.suite.date) / 1000];
  const { urls, fallbackUrls } = urlsOf(file, { mirrors, archives, dates });
  const kept = lists?.folderUrl === undefined ? [] : [`${lists.folderUrl}/${file.path.split('/').map(encodeURIComponent).join('/')}`];
  return { file, label, urls: [...urls, ...kept], fallbackUrls };
}

/** The source of a record in signed lists. */
function sourceIn(
  record: BuildRecord,
  lists: readonly SuiteLists[],
): { readonly locked: SourceFiles; readonly lists: SuiteLists } | undefined {
  for (const each of lists) {
    const found = (each.sources.get(record.source) ?? []).find(({ version }) => version === record.sourceVersion);
    if (found !== undefined) return { locked: lockedSource(found), lists: each };
  }
  return undefined;
}

function lockedSource({ name, version, archive, directory, files }: SourcePackage): SourceFiles {
  return {
    kind: 'debian',
    name,
    version,
    files: files.map((file): LockedFile => ({ archive, path: posix.join(directory, file.name), size: file.size, sha256: file.sha256 })),
  };
}

/** A .buildinfo of a source upload names its .dsc by digest. */
function checkSource(record: BuildRecord, { files, name, version }: SourceFiles): Result<void> {
  const recorded = record.files.find((file) => file.name.endsWith('.dsc'));
  const [dsc] = files;
  const mismatch = (message: string): Result<never> =>
    fail({
      kind: 'unverified-input',
      reason: 'source-mismatch',
      message,
      next: 'Nothing was built. Give the .dsc that it was built from.',
    });
  if (name !== record.source || version !== record.sourceVersion)
    return mismatch(
      `The source is ${escapeControl(`${name} ${version}`)}, and the .buildinfo is of ${record.source} ${record.sourceVersion}`,
    );
  if (recorded === undefined || recorded.sha256 === dsc?.sha256) return ok();
  return mismatch(`${recorded.name} is not the one that was recorded: recorded ${recorded.sha256}, here ${dsc?.sha256}`);
}

function sourceMissing({ source, sourceVersion }: BuildRecord, { looked }: Search): Failure {
  return {
    kind: 'infrastructure',
    reason: 'source-missing',
    message: `No signed list that was read has the source package ${source} ${sourceVersion}`,
    next: 'Put its .dsc with its files beside the .buildinfo, or name the .dsc on the command line.',
    details: looked.map((line) => `looked in ${line}`),
  };
}

function missingFailure(missing: readonly Exact[], search: Search, nearest: boolean): Failure {
  const words = missing.map(({ name, version }) => escapeControl(`${name} ${version}`));
  const what = missing.length === 1 ? (words[0] ?? '') : `${missing.length} packages`;
  const next = nearest
    ? 'No list has them in any version: name the archive that they are from in a container, and that with --container.'
    : 'Try again where the snapshot archive can be reached, name a mirror that has them with TWINBUILD_MIRROR, or build with the nearest versions with --nearest: the verdict is then only indicative.';
  return {
    kind: 'infrastructure',
    reason: 'versions-missing',
    message: `${what}: recorded, and found nowhere ${nearest ? 'in any version' : 'in exactly that version'}`,
    next,
    details: [...words.map((word) => `missing: ${word}`), ...search.looked.map((line) => `looked in ${line}`)],
  };
}

function foreignFailure(foreign: readonly Exact[]): Failure {
  return {
    kind: 'usage',
    reason: 'foreign-architecture',
    message: `${foreign.length === 1 ? 'A package' : `${foreign.length} packages`} of another architecture ${foreign.length === 1 ? 'was' : 'were'} installed, and an image here has one architecture`,
    next: 'Rebuild it elsewhere.',
    details: foreign.map(({ name, architecture, version }) => escapeControl(`${name}:${architecture} ${version}`)),
  };
}
