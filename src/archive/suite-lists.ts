import { fail, ok, type Result } from '../base/result.ts';
import type { LockedSuite } from '../lock/types.ts';
import type { ExtraArchive } from '../recipe/recipe.ts';
import { type FetchOptions, fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { allSeen, isoDate, obtainInRelease, obtainKept, readInRelease, type SignedSuite } from './in-release.ts';
import { indicesOf, isThere, readIndex, type SignedIndex } from './indices.ts';
import type { Keyring } from './keyring.ts';
import { distPath } from './lists.ts';
import { packageMap, sourceMap } from './packages.ts';
import { placesOf } from './places.ts';
import { indexWanted } from './read.ts';
import type { IndexText } from './stanzas.ts';
import type { Mirrors, PackageMap, SourcePackage } from './types.ts';

/** What one signed list of one suite vouches for. */
export type SuiteLists = {
  readonly suite: LockedSuite;
  readonly packages: PackageMap;
  readonly sources: ReadonlyMap<string, readonly SourcePackage[]>;
  readonly folderUrl: string | undefined; // of the archive as a snapshot has it, when the lists came from there
};

export type ListsWish = {
  readonly archive: string;
  readonly suite: string;
  readonly components: readonly string[]; // those that the suite has not are passed over
  readonly architecture: string;
  readonly keyring: Keyring; // the only one that vouches for this archive
};

export type ListsContext = {
  readonly store: Store;
  readonly mirrors: Mirrors;
  readonly archives: readonly ExtraArchive[];
  readonly fetch: FetchOptions;
  readonly nowSeconds: number; // since 1970-01-01T00:00:00Z
};

/** The lists of a suite as its mirror has them now. Failures as of readArchive. */
export async function currentLists(wish: ListsWish, context: ListsContext): Promise<Result<SuiteLists>> {
  const { archive, suite, keyring } = wish;
  const { mirrors, archives, nowSeconds } = context;
  const places = placesOf({ archive, path: `${distPath(suite)}InRelease` }, { mirrors, archives, dates: [nowSeconds] });
  const wanted = { archive, suite, keyring, places, guessed: mirrors.from === 'host', locked: undefined };
  const signed = await obtainInRelease(wanted, { ...context, nowSeconds, anyDate: true });
  if (!signed.ok) return signed;
  return listsOf(wish, signed.value, context, (index) => indexWanted(index, signed.value.release, context));
}

/** Earlier lists of a suite of which the store holds every index that is wanted, the newest first; asks no network. */
export async function heldLists(wish: ListsWish, { store }: Pick<ListsContext, 'store'>): Promise<Result<readonly SuiteLists[]>> {
  const held: SuiteLists[] = [];
  for (const digest of await allSeen(wish, store)) {
    if (!(await store.has(digest))) continue;
    const signed = await readInRelease(wish, digest, store);
    if (!signed.ok) return signed;
    const lists = await listsOf(wish, signed.value, { store }, undefined);
    if (lists.ok) held.push(lists.value);
    else if (lists.error.kind === 'unverified-input') return lists;
  }
  return ok(held);
}

/**
 * The lists of a suite as a snapshot archive kept them.
 *
 * @param folderUrl of the archive at a time, such as …/archive/debian/20230612T000000Z
 */
export async function keptLists(wish: ListsWish, folderUrl: string, context: ListsContext): Promise<Result<SuiteLists>> {
  const below = `${folderUrl}/${distPath(wish.suite)}`;
  const signed = await obtainKept(wish, `${below}InRelease`, context);
  if (!signed.ok) return signed;
  const lists = await listsOf(wish, signed.value, context, ({ archive, suite, transfer }) => ({
    file: { size: transfer.size, sha256: transfer.sha256 },
    label: `${archive} ${suite} ${transfer.path}`,
    urls: [below + transfer.path],
  }));
  return lists.ok ? ok({ ...lists.value, folderUrl }) : lists;
}

/** Reads the indices that a signed list names; fetches those that the store has not, where there is a way to. */
async function listsOf(
  wish: ListsWish,
  signed: SignedSuite,
  context: Pick<ListsContext, 'store'> & Partial<ListsContext>,
  wantedOf: ((index: SignedIndex) => Wanted) | undefined,
): Promise<Result<SuiteLists>> {
  const { store, fetch } = context;
  const { archive, suite, components, architecture } = wish;
  const indices = indicesOf(signed, { components, architecture, required: false });
  if (!indices.ok) return indices;
  if (wantedOf !== undefined && fetch !== undefined) {
    const there = await Promise.all(indices.value.map((index) => isThere(index, store)));
    const fetched = await fetchFiles(store, indices.value.filter((_, at) => !there[at]).map(wantedOf), fetch);
    if (!fetched.ok) return fetched;
  }
  const texts: Record<SignedIndex['kind'], IndexText[]> = { packages: [], sources: [] };
  for (const index of indices.value) {
    const read = await readIndex(index, store);
    if (!read.ok) return read;
    const name = `${archive} ${suite} ${index.path}`;
    if (read.value === undefined)
      return fail({
        kind: 'infrastructure',
        reason: 'store-entry-missing',
        message: `${name} is not in the store`,
        next: 'Run the command again.',
      });
    texts[index.kind].push({ archive, suite, name, bytes: read.value.bytes });
  }
  return ok({
    suite: { archive, suite, components, date: isoDate(signed.release.dateSeconds), inRelease: signed.digest },
    packages: packageMap(texts.packages, () => undefined),
    sources: sourceMap(texts.sources, () => undefined),
    folderUrl: undefined,
  });
}
