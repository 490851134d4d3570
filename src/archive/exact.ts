import { escapeControl } from '../base/escape.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { fetchDocument } from '../store/fetch.ts';
import { snapshotOf } from './places.ts';
import { binaryFilesUrl, parseSightings, type Sighting, snapshotFolder } from './snapshot.ts';
import { currentLists, heldLists, keptLists, type ListsContext, type ListsWish, type SuiteLists } from './suite-lists.ts';
import type { BinaryPackage } from './types.ts';

/** A package in one version. Without an architecture it is that of the search, or all. */
export type Exact = { readonly name: string; readonly architecture: string | undefined; readonly version: string };

/** A package that a signed list names. */
export type Found = { readonly package: BinaryPackage; readonly lists: SuiteLists };

/** What came of a search. */
export type Search = {
  readonly found: ReadonlyMap<string, Found>; // by exactKey
  readonly missing: readonly Exact[]; // in the order in which they were wanted
  readonly looked: readonly string[]; // where, and what came of it, a line each
  readonly lists: readonly SuiteLists[]; // all that were read, in the order of the search
};

/** Suites to look into, in this order. `first` are read whatever happens, `further` only while something is missing. */
export type SearchPlaces = {
  readonly first: readonly ListsWish[];
  readonly further: readonly ListsWish[];
  readonly snapshot: readonly ListsWish[]; // suites as a snapshot archive has them
  readonly snapshotSeconds: number | undefined; // when to look there first: the date of the build
};

/** Each look at the lists of another time costs some 10 MB. */
const MOST_TIMES = 24;
const MOST_ANSWER_BYTES = 4 * 1024 * 1024;

export function exactKey({ name, architecture, version }: Exact): string {
  return `${name}:${architecture ?? ''}=${version}`;
}

/**
 * Finds packages in exactly these versions, each vouched for by a signed list: in the lists of today, in earlier ones that the store holds, in
 * further suites, and in the lists that a snapshot archive kept of the time of the build, or of the time when it saw the package first. What is
 * found nowhere is no failure: `missing` has it. A list that cannot be verified is one.
 */
export async function findExact(wanted: readonly Exact[], places: SearchPlaces, context: ListsContext): Promise<Result<Search>> {
  const search = new Searching(wanted, context);
  for (const wish of places.first) {
    const read = search.take(labelOf(wish), await currentLists(wish, context));
    if (!read.ok) return read;
  }
  for (const wish of places.first) {
    if (search.missing().length === 0) break;
    const held = await heldLists(wish, context);
    if (!held.ok) return held;
    const earlier = held.value.filter(({ suite }) => !search.lists.some((one) => one.suite.inRelease === suite.inRelease));
    for (const lists of earlier) search.see(`${labelOf(wish)} of ${lists.suite.date}, from the store`, lists);
  }
  for (const wish of places.further) {
    if (search.missing().length === 0) break;
    const read = search.take(labelOf(wish), await currentLists(wish, context));
    if (!read.ok) return read;
  }
  const kept = await lookIntoSnapshot(search, places, context);
  return kept.ok ? ok(search.end()) : kept;
}

class Searching {
  readonly lists: SuiteLists[] = [];
  readonly #wanted: readonly Exact[];
  readonly #signal: AbortSignal;
  readonly #found = new Map<string, Found>();
  readonly #looked: string[] = [];

  constructor(wanted: readonly Exact[], { fetch }: ListsContext) {
    this.#wanted = wanted;
    this.#signal = fetch.running.signal;
  }

  missing(): readonly Exact[] {
    return this.#wanted.filter((one) => this.lacks(one));
  }

  lacks(one: Exact): boolean {
    return !this.#found.has(exactKey(one));
  }

  /** Looks into lists, or notes why there are none. Only what cannot be verified, and being stopped, ends the search. */
  take(label: string, lists: Result<SuiteLists>): Result<void> {
    if (lists.ok) {
      this.see(label, lists.value);
      return ok();
    }
    if (this.#signal.aborted) return fail(this.#signal.reason as Failure);
    if (lists.error.kind === 'unverified-input') return fail(lists.error);
    this.note(`${label}: not read, ${lists.error.message}`);
    return ok();
  }

  see(label: string, lists: SuiteLists): void {
    this.lists.push(lists);
    let count = 0;
    for (const one of this.missing()) {
      const found = (lists.packages.get(one.name) ?? []).find(
        (each) => each.version === one.version && fitsArchitecture(each, one.architecture),
      );
      if (found === undefined) continue;
      this.#found.set(exactKey(one), { package: found, lists });
      count += 1;
    }
    this.note(`${label}: ${count === 0 ? 'has none of those that were missing' : `has ${count} of those that were missing`}`);
  }

  note(line: string): void {
    this.#looked.push(escapeControl(line));
  }

  end(): Search {
    return { found: this.#found, missing: this.missing(), looked: this.#looked, lists: this.lists };
  }
}

/** Lists are of one architecture already, and have its packages and those for all. */
function fitsArchitecture(each: BinaryPackage, wanted: string | undefined): boolean {
  return wanted === undefined || each.architecture === wanted || (wanted !== 'all' && each.architecture === 'all');
}

/** At the time of the build nearly everything was in the lists of that day; what was not is asked for one by one. */
async function lookIntoSnapshot(search: Searching, places: SearchPlaces, context: ListsContext): Promise<Result<void>> {
  if (search.missing().length === 0 || places.snapshot.length === 0) return ok();
  if (context.fetch.offline) {
    search.note(`the snapshot archive ${snapshotOf(context.mirrors)}: not asked, because of --offline`);
    return ok();
  }
  if (places.snapshotSeconds !== undefined) {
    const day = await lookAt(search, places.snapshot, places.snapshotSeconds, context);
    if (!day.ok || day.value === 'unreachable') return day.ok ? ok() : day;
  }
  return oneByOne(search, places, context);
}

/** Asks when each of what is left was seen first, and looks into the lists of then. */
async function oneByOne(search: Searching, places: SearchPlaces, context: ListsContext): Promise<Result<void>> {
  const times = new Set<string>();
  for (const one of search.missing()) {
    if (!search.lacks(one)) continue; // found beside another one
    const sightings = await sightingsOf(search, one, context);
    if (!sightings.ok) return sightings;
    if (sightings.value === 'unreachable') return ok(); // the next one would not be either
    const looked = await lookAtEach(search, one, sightings.value, { places, context, times });
    if (!looked.ok) return looked;
    if (times.size >= MOST_TIMES) break;
  }
  if (times.size >= MOST_TIMES)
    search.note(`the snapshot archive ${snapshotOf(context.mirrors)}: looked at ${MOST_TIMES} times and no more`);
  return ok();
}

type Look = { readonly places: SearchPlaces; readonly context: ListsContext; readonly times: Set<string> }; // times: those that were looked at

/** Looks at the times of a package's sightings until it is found. */
async function lookAtEach(
  search: Searching,
  one: Exact,
  sightings: readonly Sighting[],
  { places, context, times }: Look,
): Promise<Result<void>> {
  for (const { archive, seconds } of sightings) {
    if (!search.lacks(one) || times.size >= MOST_TIMES) break;
    const time = `${archive} ${seconds}`;
    if (times.has(time)) continue;
    times.add(time);
    const wishes = places.snapshot.filter((wish) => wish.archive === archive);
    const looked = await lookAt(search, wishes, seconds, context);
    if (!looked.ok) return looked;
  }
  return ok();
}

/** Looks into the lists of one time. */
async function lookAt(
  search: Searching,
  wishes: readonly ListsWish[],
  seconds: number,
  context: ListsContext,
): Promise<Result<'looked' | 'unreachable'>> {
  for (const wish of wishes) {
    if (search.missing().length === 0) break;
    const folder = snapshotFolder(wish.archive, seconds, context.mirrors);
    const lists = await keptLists(wish, folder, context);
    const taken = search.take(`${folder} ${labelOf(wish)}`, lists);
    if (!taken.ok) return taken;
    if (!lists.ok && lists.error.reason === 'unreachable') return ok('unreachable');
  }
  return ok('looked');
}

/** When the snapshot archive saw a package first; none when it never did, or says it in words that nobody understands. */
async function sightingsOf(search: Searching, one: Exact, context: ListsContext): Promise<Result<readonly Sighting[] | 'unreachable'>> {
  const { mirrors, fetch } = context;
  const label = `${one.name} ${one.version}`;
  const answer = await fetchDocument({ label, urls: [binaryFilesUrl(one.name, one.version, mirrors)] }, MOST_ANSWER_BYTES, fetch);
  const sightings = answer.ok ? parseSightings(label, answer.value.bytes) : answer;
  if (sightings.ok) return sightings;
  if (fetch.running.signal.aborted) return fail(fetch.running.signal.reason as Failure);
  search.note(`the snapshot archive ${snapshotOf(mirrors)}: ${sightings.error.message}`);
  return ok(answer.ok || sightings.error.reason === 'file-gone' ? [] : 'unreachable');
}

function labelOf({ archive, suite, components }: ListsWish): string {
  return `${archive} ${suite} (${components.join(', ')})`;
}

/**
 * The version of a package that is nearest to one that is missing: the next newer one, else the newest of those that are older.
 *
 * @param compare orders versions
 */
export function nearestTo(one: Exact, lists: readonly SuiteLists[], compare: (a: string, b: string) => number): Found | undefined {
  const all = lists.flatMap((each) =>
    (each.packages.get(one.name) ?? [])
      .filter((found) => fitsArchitecture(found, one.architecture))
      .map((found) => ({ package: found, lists: each })),
  );
  const ordered = sortedBy(all, (found) => found.package.version).sort((a, b) => compare(a.package.version, b.package.version));
  return ordered.find((found) => compare(found.package.version, one.version) > 0) ?? ordered.at(-1);
}
