import { posix } from 'node:path';
import { sourceOf } from '../archive/packages.ts';
import { placesOf } from '../archive/places.ts';
import { readArchive } from '../archive/read.ts';
import type { ArchiveIndex, BinaryPackage, Mirrors, SourcePackage } from '../archive/types.ts';
import { sortedBy } from '../base/order.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import type { BuildRecord } from '../control/record.ts';
import { compareVersions } from '../control/version.ts';
import type { Engine } from '../docker/engine.ts';
import { automatic } from '../lock/automatic.ts';
import type { Published } from '../rebuild/compare.ts';
import { type Evidence, evidenceIn, together } from '../rebuild/evidence.ts';
import type { Container } from '../recipe/recipe.ts';
import { nearest } from '../recipe/suggest.ts';
import { contentPath } from '../store/address.ts';
import { type FetchOptions, fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { type Collection, recordCollection } from './archive-record.ts';
import { debianKeyring, fetchOptions, openTools, theMirrors } from './tools.ts';
import type { World } from './world.ts';

/** What all packages of one run of `verify --archive` share. */
export type ArchiveTools = {
  readonly store: Store;
  readonly engine: Engine;
  readonly mirrors: Mirrors;
  readonly index: ArchiveIndex;
  readonly container: Container;
  readonly fetch: FetchOptions;
  readonly cpus: number;
  readonly recordOf: Collection;
};

/** The packages of a source that one build made: build machines build those for all architectures by themselves. */
export type PublishedPart = {
  readonly part: 'any' | 'all';
  readonly version: string; // of what was built; another one than that of the source for a binNMU
  readonly published: readonly Published[];
  readonly evidence: Evidence;
  readonly record: BuildRecord | undefined; // the .buildinfo of that build, as a collection has it: nobody vouches for it
};

export type PublishedSource = { readonly source: SourcePackage; readonly parts: readonly PublishedPart[] };

/** Opens store and engine, and reads the signed archive once for all. */
export async function archiveTools(world: World, container: Container): Promise<Result<ArchiveTools>> {
  const tools = await openTools(world);
  if (!tools.ok) return tools;
  const mirrors = await theMirrors(world);
  if (!mirrors.ok) return mirrors;
  const keyring = await debianKeyring();
  if (!keyring.ok) return keyring;
  const fetch = fetchOptions(world);
  const recordOf = recordCollection(world, fetch);
  if (!recordOf.ok) return recordOf;
  world.running.tell({ kind: 'stage', text: 'reading the archive' });
  // Of what our own builds have for their second surroundings, Debian's build machines have nothing but fakeroot.
  const bare = { ...container, packages: container.packages.filter((name) => !/^(locales|libfaketime|faketime)$/.test(name)) };
  const index = await readArchive({
    container: bare,
    store: tools.value.store,
    mirrors: mirrors.value,
    keyring: keyring.value,
    fetch,
    nowSeconds: Math.floor(world.nowMs() / 1000),
  });
  if (!index.ok) return index;
  return ok({
    ...tools.value,
    mirrors: mirrors.value,
    index: index.value,
    container: bare,
    fetch,
    recordOf: recordOf.value,
  });
}

/** The source package of a word NAME or NAME=VERSION: the newest when it names no version. */
export function sourceNamed(word: string, { index, container }: Pick<ArchiveTools, 'index' | 'container'>): Result<SourcePackage> {
  const [, name, version] = /^([a-z0-9][a-z0-9+.-]*)(?:=(\S+))?$/.exec(word) ?? [];
  const wrong = (reason: string, message: string): Result<never> => fail({ kind: 'usage', reason, message });
  if (name === undefined)
    return wrong('bad-source', `${word}: a source package is written NAME or NAME=VERSION, such as hello or hello=2.10-3`);
  const all = (index.sourcesByName.get(name) ?? []).filter(({ extraSourceOnly }) => !extraSourceOnly);
  if (all.length === 0) {
    const near = nearest(name, [...index.sourcesByName.keys()]);
    return wrong(
      'unknown-source',
      `There is no source package ${name} in ${container.suite} (${container.components.join(', ')})${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  const fitting = version === undefined ? automatic(all, index.notAutomatic) : all.filter((one) => one.version === version);
  const best = fitting.reduce<SourcePackage | undefined>(
    (newest, one) => (newest === undefined || compareVersions(one.version, newest.version) > 0 ? one : newest),
    undefined,
  );
  if (best !== undefined) return ok(best);
  const versions = [...new Set(all.map((one) => one.version))].sort(compareVersions);
  return wrong(
    'unknown-version',
    `${container.suite} has no version ${version} of the source package ${name}; it has ${versions.join(', ')}`,
  );
}

/** The archive's packages of a source, fetched, verified, and looked into. Failures: archive-without-packages (infrastructure), or of fetching. */
export async function publishedOf(source: SourcePackage, tools: ArchiveTools): Promise<Result<PublishedSource>> {
  const { index, store, fetch } = tools;
  const own = index.packagesByName.ofSource(source.name);
  const built = newestEach(own.filter((one) => sourceOf(one).version === source.version));
  if (built.length === 0) {
    const others = [...new Set(own.map((one) => sourceOf(one).version))].sort(compareVersions);
    return fail({
      kind: 'infrastructure',
      reason: 'archive-without-packages',
      message: `The archive has no packages of ${source.name} ${source.version} for ${tools.container.architecture}${others.length === 0 ? '' : `; it has those of ${others.join(', ')}`}`,
      next:
        others.length === 0
          ? 'They may be in a component that the container does not name.'
          : `Name one of those versions: ${source.name}=${others.at(-1)}.`,
    });
  }
  const fetched = await fetchFiles(
    store,
    built.map((one) => wantedOf(one, tools)),
    fetch,
  );
  if (!fetched.ok) return fetched;
  const parts: PublishedPart[] = [];
  for (const part of ['any', 'all'] as const) {
    const some = built.filter(({ architecture }) => (architecture === 'all') === (part === 'all'));
    if (some.length === 0) continue;
    const evidence: Evidence[] = [];
    for (const one of some) {
      const found = await evidenceOf(one, store);
      if (!found.ok) return found;
      evidence.push(found.value);
    }
    const published = some.map(
      ({ filename, size, sha256: digest }): Published => ({
        name: posix.basename(filename),
        size,
        sha256: digest,
        path: contentPath(store.root, digest),
      }),
    );
    const version = versionOf(some, source.version);
    const record = await tools.recordOf({
      source: source.name,
      version,
      architectures: [part === 'all' ? 'all' : tools.container.architecture],
    });
    if (!record.ok) return record;
    parts.push({ part, version, published, evidence: together(evidence), record: record.value });
  }
  return ok({ source, parts });
}

async function evidenceOf({ sha256: digest }: BinaryPackage, store: Store): Promise<Result<Evidence>> {
  try {
    return ok(await evidenceIn(store.read(digest)));
  } catch (error) {
    return fail(failureOf(error));
  }
}

/** Each name in its newest version: a binNMU takes the place of the build before it. */
function newestEach(all: readonly BinaryPackage[]): readonly BinaryPackage[] {
  const newest = new Map<string, BinaryPackage>();
  for (const one of all) {
    const before = newest.get(one.name);
    if (before === undefined || compareVersions(one.version, before.version) > 0) newest.set(one.name, one);
  }
  return sortedBy(newest.values(), ({ name }) => name);
}

/** The version of a build: with the `+bN` of a binNMU when its packages have one. Some packages have versions of their own. */
function versionOf(built: readonly BinaryPackage[], sourceVersion: string): string {
  const number = built.map(({ version }) => /\+b([0-9]+)$/.exec(version)?.[1]).find((found) => found !== undefined);
  return number === undefined || sourceVersion.endsWith(`+b${number}`) ? sourceVersion : `${sourceVersion}+b${number}`;
}

function wantedOf({ archive, filename: path, size, sha256: digest }: BinaryPackage, { index, mirrors, container }: ArchiveTools): Wanted {
  const dates = index.suites.filter((suite) => suite.archive === archive).map(({ date }) => Date.parse(date) / 1000);
  const places = placesOf({ archive, path }, { mirrors, archives: container.archives, dates });
  return { file: { size, sha256: digest }, label: posix.basename(path), ...places };
}

/** What a .buildinfo would say of a build: what is known from the archive and its packages, and from the collected one where there is one. */
export function supposedRecord(
  { source }: PublishedSource,
  { part, version, published, evidence, record }: PublishedPart,
  tools: ArchiveTools,
): BuildRecord {
  const { architecture } = tools.container;
  return {
    source: source.name,
    sourceVersion: source.version,
    version,
    architectures: [part === 'all' ? 'all' : architecture],
    buildArchitecture: architecture,
    hostArchitecture: undefined,
    files: published.map(({ name, size, sha256: digest }) => ({ name, size, sha256: digest })),
    installed: record?.installed ?? [],
    buildPath: evidence.paths[0] ?? record?.buildPath,
    environment: record?.environment ?? { DEB_BUILD_OPTIONS: `parallel=${tools.cpus}`, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    taintedBy: record?.taintedBy ?? [],
    buildDateSeconds: record?.buildDateSeconds,
    origin: record?.origin,
    changes: evidence.changes ?? record?.changes,
  };
}
