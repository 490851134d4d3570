import { posix } from 'node:path';
import { placesOf } from '../archive/places.ts';
import type { ArchiveIndex, Mirrors } from '../archive/types.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { parseStanzas } from '../control/stanza.ts';
import type { Engine, ImageId } from '../docker/engine.ts';
import { folderPackaging } from '../recipe/packaging.ts';
import type { Container, Recipe } from '../recipe/recipe.ts';
import { type FetchOptions, fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { closure } from './closure.ts';
import { epochOf } from './epoch.ts';
import { locked } from './package.ts';
import { filesToLookInto, lookInto, NOTHING, type Packaging } from './packaging.ts';
import { solve } from './solve.ts';
import { type FetchedFile, type ResolvedSource, resolveSource } from './source.ts';
import type { Lock, LockedPackage } from './types.ts';
import { BUILD_FIELDS, type BuildFields, type Wish } from './wish.ts';
import type { Workshop } from './workshop.ts';

/** What a lock is made for. */
export type LockSubject =
  | { readonly kind: 'recipe'; readonly recipe: Recipe; readonly container: Container }
  | { readonly kind: 'container'; readonly container: Container };

export type ResolveOptions = {
  readonly subject: LockSubject;
  readonly index: ArchiveIndex;
  readonly mirrors: Mirrors;
  readonly store: Store;
  readonly engine: Engine;
  readonly running: Running;
  readonly fetch: FetchOptions;
  readonly toolVersion: string;
  /** An image of exactly these packages, whose files are in the store. */
  readonly makeBase: (lock: Pick<Lock, 'architecture' | 'imageEpoch' | 'packages'>) => Promise<Result<{ readonly id: ImageId }>>;
};

/**
 * Resolves a recipe, or a container by itself, against a verified archive. The same recipe and the same index give the same lock.
 *
 * Failures: usage for what the recipe asks for and the archive does not have, build-failed (unsatisfiable, base-conflict, base-changed),
 * unverified-input, infrastructure.
 */
export async function resolveLock(options: ResolveOptions): Promise<Result<Lock>> {
  const { subject, index, toolVersion } = options;
  const { container } = subject;
  const { architecture } = container;
  const bench = new Bench(options);
  const base = bench.base(container.variant);
  if (!base.ok) return base;
  const sources = await bench.sources();
  if (!sources.ok) return sources;
  const packagings = await bench.packagings(sources.value);
  if (!packagings.ok) return packagings;
  const wish = wishOf(subject, sources.value, packagings.value);
  if (!wish.ok) return wish;
  const build = await bench.solve(wish.value, base.value);
  if (!build.ok) return build;
  const epoch = subject.kind === 'recipe' ? epochOf(subject.recipe, packagings.value) : ok(index.newestSeconds);
  if (!epoch.ok) return epoch;
  const { name, digest, parts } = subject.kind === 'recipe' ? subject.recipe : container;
  return ok({
    schema: 1,
    twinbuild: toolVersion,
    for: subject.kind,
    name,
    digest,
    parts,
    architecture,
    epoch: epoch.value,
    imageEpoch: index.newestSeconds,
    suites: index.suites,
    packages: [...base.value, ...build.value],
    sources: sources.value.map((one) => one.locked),
  });
}

/** What the steps of a resolution share: what was fetched, and the images to work in, each made when it is first needed. */
class Bench {
  readonly #options: ResolveOptions;
  readonly #workshops = new Map<Container['variant'], Workshop>();

  constructor(options: ResolveOptions) {
    this.#options = options;
  }

  base(variant: Container['variant']): Result<readonly LockedPackage[]> {
    const { index, subject } = this.#options;
    const packages = closure(index, { variant, architecture: subject.container.architecture });
    return packages.ok ? ok(packages.value.map((one) => locked(one, 'base'))) : packages;
  }

  async sources(): Promise<Result<readonly ResolvedSource[]>> {
    const { subject, index, store } = this.#options;
    if (subject.kind === 'container') return ok([]);
    const resolved: ResolvedSource[] = [];
    for (const [number, source] of subject.recipe.sources.entries()) {
      const one = await resolveSource(source, number, { recipe: subject.recipe, index, store, fetch: (files) => this.#fetch(files) });
      if (!one.ok) return one;
      resolved.push(one.value);
    }
    return ok(resolved);
  }

  /** What the sources say of themselves, in the order in which a build lays them into the tree: the first Debian source makes it. */
  async packagings(sources: readonly ResolvedSource[]): Promise<Result<readonly Packaging[]>> {
    const { subject } = this.#options;
    if (subject.kind === 'container') return ok([]);
    const newest = subject.recipe.epoch.kind === 'newest-source';
    const looked: Packaging[] = [];
    for (const [number, one] of inTreeOrder(sources).entries()) {
      // What a fixed epoch leaves open, the index and the .dsc have said already.
      if (one.fields !== undefined && subject.recipe.epoch.kind === 'fixed') {
        looked.push(NOTHING);
        continue;
      }
      const packaging = await this.#lookInto(one, number, newest);
      if (!packaging.ok) return packaging;
      looked.push(packaging.value);
    }
    return ok(looked);
  }

  async #lookInto(one: ResolvedSource, number: number, newest: boolean): Promise<Result<Packaging>> {
    if (one.source.kind === 'folder') return ok({ ...NOTHING, ...(await folderPackaging(one.source)) });
    const files = filesToLookInto(one, newest);
    if (files.length === 0) return ok(NOTHING);
    const fetched = await this.#fetch(files);
    if (!fetched.ok) return fetched;
    // Debian's tools are in the base that Debian builds with, whatever base the recipe asks for.
    const workshop = await this.#workshop('buildd');
    return workshop.ok ? lookInto(one, number, { workshop: workshop.value, store: this.#options.store, newest }) : workshop;
  }

  async solve(wish: Wish, base: readonly LockedPackage[]): Promise<Result<readonly LockedPackage[]>> {
    const { subject, index, store } = this.#options;
    const { architecture, variant } = subject.container;
    if (wish.fields === undefined && wish.relations.length === 0) return ok([]);
    const workshop = await this.#workshop(variant);
    return workshop.ok ? solve({ workshop: workshop.value, store, index, architecture, base, wish }) : workshop;
  }

  async #workshop(variant: Container['variant']): Promise<Result<Workshop>> {
    const there = this.#workshops.get(variant);
    if (there !== undefined) return ok(there);
    const { subject, index, engine, running, makeBase } = this.#options;
    const packages = this.base(variant);
    if (!packages.ok) return packages;
    const fetched = await this.#fetch(packages.value);
    if (!fetched.ok) return fetched;
    running.tell({ kind: 'stage', text: 'making the base image' });
    const image = await makeBase({
      architecture: subject.container.architecture,
      imageEpoch: index.newestSeconds,
      packages: packages.value,
    });
    if (!image.ok) return image;
    const workshop = { engine, image: image.value.id, running };
    this.#workshops.set(variant, workshop);
    return ok(workshop);
  }

  async #fetch(files: readonly FetchedFile[]): Promise<Result<void>> {
    const { store, index, mirrors, subject, fetch } = this.#options;
    const wanted = files.map((file): Wanted => {
      const dates = index.suites.filter(({ archive }) => archive === file.archive).map(({ date }) => Date.parse(date) / 1000);
      return { file, label: posix.basename(file.path), ...placesOf(file, { mirrors, archives: subject.container.archives, dates }) };
    });
    return fetchFiles(store, wanted, fetch);
  }
}

function inTreeOrder(sources: readonly ResolvedSource[]): readonly ResolvedSource[] {
  const tree = sources.find(({ fields }) => fields !== undefined);
  // Further whole Debian sources lie beside the tree and not in it.
  return [...(tree ? [tree] : []), ...sources.filter(({ fields }) => fields === undefined)];
}

/** What a build needs: the fields of the debian/control that lies on top, and what the recipe and its container say. */
function wishOf(subject: LockSubject, sources: readonly ResolvedSource[], packagings: readonly Packaging[]): Result<Wish> {
  const { container } = subject;
  if (subject.kind === 'container') return ok({ name: container.name, fields: undefined, relations: container.packages, profiles: [] });
  const { recipe } = subject;
  let fields: BuildFields | undefined;
  for (const [number, one] of inTreeOrder(sources).entries()) {
    const own = one.fields === undefined ? controlFields(packagings[number] ?? NOTHING) : ok(one.fields);
    if (!own.ok) return own;
    fields = own.value ?? fields;
  }
  const tree = sources.find((one) => one.fields !== undefined)?.locked;
  return ok({
    name: tree?.kind === 'debian' || tree?.kind === 'dsc' ? `${tree.name} ${tree.version}` : recipe.name,
    fields,
    relations: [...container.packages, ...recipe.buildDepends],
    profiles: (recipe.environment['DEB_BUILD_PROFILES'] ?? '').split(/\s+/).filter((one) => one !== ''),
  });
}

function controlFields({ control }: Packaging): Result<BuildFields | undefined> {
  if (control === undefined) return ok(undefined);
  const stanzas = parseStanzas(control, { comments: true });
  if (!stanzas.ok) return stanzas;
  const [source] = stanzas.value;
  if (source?.get('Source') === undefined) {
    return fail({
      kind: 'usage',
      reason: 'control-source',
      message: 'A debian/control starts with a paragraph that has a `Source`',
      at: { source: control, start: 0, end: 1 },
    });
  }
  return ok(Object.fromEntries(BUILD_FIELDS.map((name) => [name, source.folded(name) ?? ''])));
}
