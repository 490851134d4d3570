import { posix } from 'node:path';
import { placesOf } from '../archive/places.ts';
import type { ArchiveIndex, Mirrors } from '../archive/types.ts';
import { ok, type Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Engine, ImageId } from '../docker/engine.ts';
import type { GitWorkshop } from '../git/checkout.ts';
import { folderPackaging } from '../recipe/packaging.ts';
import type { Container, Recipe } from '../recipe/recipe.ts';
import { type FetchOptions, fetchFiles, type Wanted } from '../store/fetch.ts';
import type { Store } from '../store/types.ts';
import { closure } from './closure.ts';
import { lookIntoTree } from './git.ts';
import { LOCAL } from './local.ts';
import { locked } from './package.ts';
import { filesToLookInto, lookInto, NOTHING, type Packaging } from './packaging.ts';
import { solve } from './solve.ts';
import { type FetchedFile, type ResolvedSource, resolveSource, type SourceContext } from './source.ts';
import type { Lock, LockedPackage, LockedSource } from './types.ts';
import type { Wish } from './wish.ts';
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
  readonly refs?: ReadonlyMap<string, string>; // by name of a git source: the tag, branch or commit that takes the place of the recipe's
  readonly pinned?: readonly LockedSource[]; // sources of an earlier lock of this recipe: git sources keep their commits
  /** An image of exactly these packages, whose files are in the store. */
  readonly makeBase: (lock: Pick<Lock, 'architecture' | 'imageEpoch' | 'packages'>) => Promise<Result<{ readonly id: ImageId }>>;
};

/** What the steps of a resolution share: what was fetched, and the images to work in, each made when it is first needed. */
export class Bench {
  readonly #options: ResolveOptions;
  readonly #workshops = new Map<Container['variant'], Workshop>();
  #gitImage: GitWorkshop | undefined;
  #tools: readonly LockedPackage[] | undefined;

  constructor(options: ResolveOptions) {
    this.#options = options;
  }

  /** What was added to the base to take git repositories apart; undefined when there are none. */
  get tools(): readonly LockedPackage[] | undefined {
    return this.#tools;
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
      const one = await resolveSource(source, number, {
        recipe: subject.recipe,
        index,
        store,
        fetch: (files) => this.#fetch(files),
        git: this.#gitContext(),
      });
      if (!one.ok) return one;
      resolved.push(one.value);
    }
    // Whoever fetches a tree again later needs what takes a repository apart, so it is locked even when nothing had to be taken apart now.
    const tools = subject.recipe.sources.some(({ kind }) => kind === 'git') ? await this.#gitTools() : ok([]);
    return tools.ok ? ok(resolved) : tools;
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
    if (one.locked.kind === 'git') {
      const said = await lookIntoTree(one.locked, this.#options.store);
      return said.ok ? ok({ ...said.value, newestSeconds: one.newestSeconds }) : said;
    }
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

  #gitContext(): SourceContext['git'] {
    const { store, running, fetch, refs, pinned } = this.#options;
    return { world: { store, running, fetch, workshop: () => this.#gitWorkshop() }, asked: refs ?? new Map(), pinned };
  }

  async #gitTools(): Promise<Result<readonly LockedPackage[]>> {
    if (this.#tools !== undefined) return ok(this.#tools);
    const base = this.base(this.#options.subject.container.variant);
    if (!base.ok) return base;
    const tools = await this.solve(
      { name: 'taking git repositories apart', fields: undefined, relations: ['git'], profiles: [] },
      base.value,
    );
    if (tools.ok) this.#tools = tools.value;
    return tools;
  }

  async #gitWorkshop(): Promise<Result<GitWorkshop>> {
    if (this.#gitImage !== undefined) return ok(this.#gitImage);
    const { subject, index, engine, running, makeBase } = this.#options;
    const { architecture, variant } = subject.container;
    const [base, tools] = [this.base(variant), await this.#gitTools()];
    if (!base.ok) return base;
    if (!tools.ok) return tools;
    const packages = [...base.value, ...tools.value];
    const fetched = await this.#fetch(packages);
    if (!fetched.ok) return fetched;
    running.tell({ kind: 'stage', text: 'making the image that has git' });
    const image = await makeBase({ architecture, imageEpoch: index.newestSeconds, packages });
    if (!image.ok) return image;
    this.#gitImage = { engine, image: image.value.id };
    return ok(this.#gitImage);
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
    const remote = files.filter(({ archive }) => archive !== LOCAL); // those are in the store since their .dsc was read
    const wanted = remote.map((file): Wanted => {
      const dates = index.suites.filter(({ archive }) => archive === file.archive).map(({ date }) => Date.parse(date) / 1000);
      return { file, label: posix.basename(file.path), ...placesOf(file, { mirrors, archives: subject.container.archives, dates }) };
    });
    return fetchFiles(store, wanted, fetch);
  }
}

/** Sources in the order in which a build lays them into the tree. */
export function inTreeOrder(sources: readonly ResolvedSource[]): readonly ResolvedSource[] {
  const tree = sources.find(({ fields }) => fields !== undefined);
  // Further whole Debian sources lie beside the tree and not in it.
  return [...(tree ? [tree] : []), ...sources.filter(({ fields }) => fields === undefined)];
}
