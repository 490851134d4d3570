import { fail, ok, type Result } from '../base/result.ts';
import type { LockedSuite } from '../lock/types.ts';
import type { Container, ExtraArchive } from '../recipe/recipe.ts';
import { type FetchOptions, fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { isoDate, obtainInRelease, type SignedSuite, type WantedSuite } from './in-release.ts';
import { indicesOf, isThere, readIndex, type SignedIndex } from './indices.ts';
import { type Keyring, readKeyring } from './keyring.ts';
import { distPath, isTaken, listName, sourcesListOf } from './lists.ts';
import { packageMap, sourceMap } from './packages.ts';
import { placesOf } from './places.ts';
import type { IndexText } from './stanzas.ts';
import type { ArchiveIndex, ListFile, Mirrors } from './types.ts';

export type ReadOptions = {
  readonly container: Pick<Container, 'suite' | 'components' | 'architecture' | 'archives'>;
  readonly store: Store;
  readonly mirrors: Mirrors;
  readonly keyring: Keyring; // Debian's
  readonly fetch: FetchOptions;
  readonly nowSeconds: number; // since 1970-01-01T00:00:00Z
  readonly locked?: readonly LockedSuite[]; // read the archive as it was for this lock; the dates of its lists are then not looked at
};

type SuiteWish = WantedSuite & { readonly components: readonly string[]; readonly required: boolean };

const UNRELEASED = /^(sid|unstable|experimental|rc-buggy)$/;

/**
 * Reads a suite of Debian with its updates and security updates, and the archives of the container's own: keyring, signature, Release, digest of each
 * index, stanzas. Everything that was fetched is in the store after.
 *
 * Failures: unverified-input for whatever does not match, usage for a component or an architecture that is not there, infrastructure as of fetchFiles.
 */
export async function readArchive(options: ReadOptions): Promise<Result<ArchiveIndex>> {
  const wishes = await wishesOf(options);
  if (!wishes.ok) return wishes;
  const first = await readSigned(wishes.value, options);
  if (!first.ok) return first;
  const fetched = await fetchIndices(first.value.indices, first.value.signed, options);
  if (fetched.ok) return assemble(wishes.value, first.value, options);
  if (options.locked || !['file-gone', 'digest-mismatch'].includes(fetched.error.reason)) return fetched;
  // The mirror may have got a new list while we read: then, and only then, from the start.
  const second = await readSigned(wishes.value, options);
  if (!second.ok) return second;
  if (second.value.signed.every(({ digest }, index) => digest === first.value.signed[index]?.digest)) return fetched;
  const again = await fetchIndices(second.value.indices, second.value.signed, options);
  return again.ok ? assemble(wishes.value, second.value, options) : again;
}

/** The suites of a container, in the order in which they stand in a lock. */
async function wishesOf(options: ReadOptions): Promise<Result<readonly SuiteWish[]>> {
  const { container, keyring } = options;
  const { suite, components } = container;
  const debian = [
    { archive: 'debian', suite },
    ...(UNRELEASED.test(suite)
      ? []
      : [
          { archive: 'debian', suite: `${suite}-updates` },
          { archive: 'debian-security', suite: `${suite}-security` },
        ]),
  ];
  const wishes: SuiteWish[] = debian.map((each) => ({
    ...each,
    ...common(each, options),
    keyring,
    components,
    guessed: options.mirrors.from === 'host',
    required: each.suite === suite,
  }));
  for (const archive of container.archives) {
    if (isTaken(archive))
      return fail({
        kind: 'usage',
        reason: 'archive-name-taken',
        message: `an archive of your own cannot be called ${archive.name}`,
        next: 'Give it another name.',
      });
    const own = await readKeyring(archive.keyring);
    if (!own.ok) return own;
    wishes.push({
      archive: archive.name,
      suite: archive.suite,
      ...common({ archive: archive.name, suite: archive.suite }, options),
      keyring: own.value,
      components: archive.components,
      guessed: false,
      required: true,
    });
  }
  return ok(wishes);
}

function common(
  { archive, suite }: { readonly archive: string; readonly suite: string },
  options: ReadOptions,
): Pick<WantedSuite, 'places' | 'locked'> {
  const locked = options.locked?.find((each) => each.archive === archive && each.suite === suite);
  const at = locked ? Date.parse(locked.date) / 1000 : options.nowSeconds;
  const dates = locked ? [at, at + 6 * 3600, at + 24 * 3600] : [at];
  const path = `${distPath(suite)}InRelease`;
  const places = dates.map((date) =>
    placesOf({ archive, path }, { mirrors: options.mirrors, archives: options.container.archives, dates: [date] }),
  );
  return {
    places: { urls: places[0]?.urls ?? [], fallbackUrls: [...new Set(places.flatMap(({ fallbackUrls }) => fallbackUrls))] },
    locked: locked?.inRelease,
  };
}

type Signed = { readonly signed: readonly SignedSuite[]; readonly indices: readonly SignedIndex[] };

async function readSigned(wishes: readonly SuiteWish[], options: ReadOptions): Promise<Result<Signed>> {
  const results = await Promise.all(wishes.map((wish) => obtainInRelease(wish, options)));
  const signed: SignedSuite[] = [];
  const indices: SignedIndex[] = [];
  for (const [index, wish] of wishes.entries()) {
    const result = results[index];
    if (!result?.ok) return result ?? fail({ kind: 'infrastructure', reason: 'unreachable', message: 'no suite was read' });
    const named = indicesOf(result.value, {
      components: wish.components,
      architecture: options.container.architecture,
      required: wish.required,
    });
    if (!named.ok) return named;
    if (!named.value.some(({ kind }) => kind === 'packages')) {
      options.fetch.running.tell({
        kind: 'warning',
        text: `${wish.archive} ${wish.suite} has nothing for ${options.container.architecture}`,
      });
    }
    signed.push(result.value);
    indices.push(...named.value);
  }
  return ok({ signed, indices });
}

async function fetchIndices(indices: readonly SignedIndex[], signed: readonly SignedSuite[], options: ReadOptions): Promise<Result<void>> {
  const there = await Promise.all(indices.map((index) => isThere(index, options.store)));
  const missing = indices.filter((_, index) => !there[index]);
  return fetchFiles(
    options.store,
    missing.map((index) => {
      const release = signed.find((each) => each.archive === index.archive && each.suite === index.suite)?.release;
      return indexWanted(index, release, { mirrors: options.mirrors, archives: options.container.archives });
    }),
    options.fetch,
  );
}

/** An index by its digest where the archive offers that (it stays there while a mirror is being updated), else by its name. */
export function indexWanted(
  index: SignedIndex,
  release: SignedSuite['release'] | undefined,
  places: { readonly mirrors: Mirrors; readonly archives: readonly ExtraArchive[] },
): Wanted {
  const { archive, suite, transfer } = index;
  const folder = transfer.path.slice(0, transfer.path.lastIndexOf('/') + 1);
  const paths = [...(release?.byHash ? [`${folder}by-hash/SHA256/${transfer.sha256}`] : []), transfer.path].map(
    (path) => distPath(suite) + path,
  );
  const dates = release ? [release.dateSeconds] : [];
  const found = paths.map((path) => placesOf({ archive, path }, { ...places, dates }));
  return {
    file: { size: transfer.size, sha256: transfer.sha256 },
    label: `${archive} ${suite} ${transfer.path}`,
    urls: found.flatMap(({ urls }) => urls),
    fallbackUrls: found.flatMap(({ fallbackUrls }) => fallbackUrls),
  };
}

async function assemble(wishes: readonly SuiteWish[], { signed, indices }: Signed, options: ReadOptions): Promise<Result<ArchiveIndex>> {
  const lists: ListFile[] = signed.map(({ archive, suite, digest, size }) => ({
    aptName: listName(archive, suite, 'InRelease'),
    digest,
    size,
  }));
  const texts: Record<SignedIndex['kind'], IndexText[]> = { packages: [], sources: [] };
  for (const index of indices) {
    const { archive, suite, path, kind } = index;
    const read = await readIndex(index, options.store);
    if (!read.ok) return read;
    if (read.value === undefined)
      return fail({
        kind: 'infrastructure',
        reason: 'store-entry-missing',
        message: `${archive} ${suite} ${path} went from the store while it was read`,
        next: 'Run the command again.',
      });
    lists.push({ aptName: listName(archive, suite, path), digest: read.value.digest, size: read.value.bytes.length });
    texts[kind].push({ archive, suite, name: `${archive} ${suite} ${path}`, bytes: read.value.bytes });
  }
  const onUnusable = ({ name }: IndexText): void =>
    options.fetch.running.tell({
      kind: 'warning',
      text: `${name} has entries without a sha256, a size or a sound path: they are not used`,
    });
  return ok({
    suites: signed.map(({ archive, suite, digest, release }, index) => ({
      archive,
      suite,
      components: wishes[index]?.components ?? [],
      date: isoDate(release.dateSeconds),
      inRelease: digest,
    })),
    notAutomatic: signed.filter(({ release }) => release.notAutomatic).map(({ archive, suite }) => ({ archive, suite })),
    newestSeconds: Math.max(...signed.map(({ release }) => release.dateSeconds)),
    lists,
    sourcesList: sourcesListOf(wishes),
    packagesByName: packageMap(texts.packages, onUnusable),
    sourcesByName: sourceMap(texts.sources, onUnusable),
  });
}

/** The keyring that vouches for an archive: Debian's for Debian's, the container's own for each other. */
export async function keyringOf(archive: string, debian: Keyring, archives: readonly ExtraArchive[]): Promise<Result<Keyring>> {
  if (archive === 'debian' || archive === 'debian-security') return ok(debian);
  const own = archives.find(({ name }) => name === archive);
  if (own) return readKeyring(own.keyring);
  return fail({
    kind: 'unverified-input',
    reason: 'keyring-missing',
    message: `nothing vouches for the archive ${archive}: the container does not name it`,
    next: 'Name it in the container, with its keyring, or resolve the lock anew.',
  });
}
