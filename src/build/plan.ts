import { posix } from 'node:path';
import type { Sha256 } from '../base/digest.ts';
import type { Image } from '../image/types.ts';
import type { Lock, LockedFile, LockedSource } from '../lock/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Series, Unpacked } from './builtin.ts';
import { patchScript, preparationScript, shuffleScript, TRUE_CLOCK, unpackScript } from './builtin.ts';
import type { Folder } from './folders.ts';
import type { BuildPlan, PlannedInput, PlannedStep, Surroundings } from './types.ts';

export type PlanRequest = {
  readonly recipe: Recipe;
  readonly lock: Lock; // of this recipe
  readonly lockDigest: Sha256;
  readonly image: Image;
  readonly surroundings: Surroundings;
  readonly folders?: readonly Folder[]; // every local folder that the recipe names: see readFolders
};

/** More than any build needs, few enough for a machine to bear. Threads count too. */
const PIDS = 2048;
const BUILTIN_TIMEOUT_SECONDS = 3600;

/**
 * What one build does, as data. Sources are laid out and patched in steps of their own before the steps of the recipe. The first Debian
 * source is the source tree; everything else goes into it, or beside it when it is another Debian source.
 */
export function planBuild({ recipe, lock, lockDigest, image, surroundings, folders = [] }: PlanRequest): BuildPlan {
  const { buildPath } = surroundings;
  const outputRoot = posix.dirname(buildPath);
  const inputs: PlannedInput[] = [];
  const unpacked = recipe.sources.flatMap((source, index) => {
    const locked = lock.sources[index];
    if (locked === undefined) throw new Error('a source of the recipe is not in its lock');
    const files = inputsOf(locked, index, folders, source.kind === 'folder' ? source.path : undefined);
    inputs.push(...files);
    return laidInto(lock, locked, files, buildPath);
  });
  const series = recipe.patches.map(({ path, directory }, index): Series => {
    const folder = folderAt(folders, path);
    const file = `patches-${index + 1}.tar`;
    inputs.push({ name: file, sha256: folder.sha256, size: folder.size });
    return { file, into: posix.join(buildPath, directory ?? '') };
  });
  // The tree is made first, so that what goes into it finds it.
  const isFirst = ({ kind, into }: Unpacked) => kind === 'dsc' && !into.startsWith(`${buildPath}/`);
  const laidOut = [...unpacked.filter(isFirst), ...unpacked.filter((one) => !isFirst(one))];
  const moved = surroundings.clockOffsetSeconds !== 0;
  const builtin = (name: string, script: string): PlannedStep => ({
    name,
    script: moved ? `${TRUE_CLOCK}\n${script}` : script,
    timeoutSeconds: BUILTIN_TIMEOUT_SECONDS,
    user: 'builder',
    workingDirectory: outputRoot,
  });
  // Of a bare tree the patches wait for dpkg-buildpackage; those of the recipe would come after them.
  const bare = series.length === 0 && laidOut.some(({ kind, into }) => kind === 'folder' && into === buildPath);
  const prepared = moved && bare ? [preparationScript(buildPath)] : [];
  const { memoryBytes, diskBytes, timeSeconds } = recipe.resources;
  const granted = recipe.permissions;
  return {
    schema: 1,
    recipe: recipe.name,
    recipeDigest: recipe.digest,
    lockDigest,
    image: surroundings.shell === 'bash' ? image.bashId : image.id,
    epoch: lock.epoch,
    inputs,
    steps: [
      ...togetherWith(recipe.steps[0]?.user, [
        builtin('unpack', laidOut.length === 0 ? `mkdir -p '${buildPath}'` : [unpackScript(laidOut), ...prepared].join('\n')),
        ...(series.length === 0 ? [] : [builtin('patch', patchScript(series))]),
        ...(surroundings.volume === 'shuffled' ? [builtin('shuffle', shuffleScript(buildPath))] : []),
      ]),
      ...recipe.steps.map(
        ({ name, run, timeoutSeconds, user }): PlannedStep => ({ name, script: run, timeoutSeconds, user, workingDirectory: buildPath }),
      ),
    ],
    environment: environmentOf(recipe, lock.epoch, image, surroundings),
    surroundings,
    outputs: recipe.outputs,
    outputRoot,
    limits: { memoryBytes, diskBytes, timeSeconds, pids: PIDS },
    capabilities: granted.flatMap((permission) => (permission.name === 'capability' ? [permission.capability] : [])),
    devices: granted.flatMap((permission) => (permission.name === 'device' ? [permission.path] : [])),
  };
}

/**
 * Steps of ours, which leave nothing but the tree, share the container of the recipe's first step where that runs as the same user: whatever a source could do
 * while it is unpacked it can do in that step as well.
 */
function togetherWith(user: PlannedStep['user'] | undefined, steps: readonly PlannedStep[]): readonly PlannedStep[] {
  return steps.map((step, index) => ((steps[index + 1]?.user ?? user) === step.user ? { ...step, withNext: true } : step));
}

/** The last part of the build path: NAME-VERSION of the first Debian source as dpkg-source names it, else the recipe's name. */
export function treeName(recipe: Pick<Recipe, 'name'>, lock: Pick<Lock, 'sources'>): string {
  const debian = lock.sources.find(isWhole);
  return debian === undefined ? recipe.name : folderNameOf(debian.name, debian.version);
}

/** Without the epoch and the Debian revision (Debian Policy 5.6.12). */
function folderNameOf(name: string, version: string): string {
  const upstream = version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
  return `${name}-${upstream}`.replaceAll(/[^A-Za-z0-9.+~_-]/g, '_');
}

function isDebian(source: LockedSource): source is Extract<LockedSource, { kind: 'debian' | 'dsc' }> {
  return source.kind === 'debian' || source.kind === 'dsc';
}

/** A Debian source package that is no mere input: with its packaging, and not somewhere below the tree. */
function isWhole(source: LockedSource): source is Extract<LockedSource, { kind: 'debian' | 'dsc' }> {
  return isDebian(source) && source.directory === undefined && source.part === undefined;
}

/** What the unpack step does with the files of one source. */
function laidInto(lock: Lock, locked: LockedSource, files: readonly PlannedInput[], buildPath: string): readonly Unpacked[] {
  const [{ name: file } = { name: '' }] = files;
  const into = posix.join(buildPath, locked.directory ?? '');
  if (locked.kind === 'git') {
    return locked.trees.map(({ path }, index) => ({ kind: 'folder', file: files[index]?.name ?? '', into: posix.join(into, path) }));
  }
  if (locked.kind === 'folder' && locked === lock.sources[0] && locked.directory === undefined && !lock.sources.some(isWhole))
    return [{ kind: 'folder', file, into, epochSeconds: lock.epoch }];
  if (!isDebian(locked)) return [{ kind: locked.kind, file, into }];
  if (locked.part === 'upstream') {
    return files.map(({ name }) => ({ kind: 'tarball', file: name, into: posix.join(into, componentOf(name)) }));
  }
  const beside = isWhole(locked) && locked !== lock.sources.find(isWhole);
  return [{ kind: 'dsc', file, into: beside ? posix.join(posix.dirname(buildPath), folderNameOf(locked.name, locked.version)) : into }];
}

/** The folder below the tree of a further upstream tarball, `hello_2.10.orig-manual.tar.gz` (dpkg-source(1)); '' for the main one. */
function componentOf(file: string): string {
  return /\.orig-([A-Za-z0-9-]+)\.tar\.[a-z0-9]+$/.exec(file)?.[1] ?? '';
}

/** Each source has a folder of its own, as two may have files of the same name. */
function inputsOf(locked: LockedSource, index: number, folders: readonly Folder[], path: string | undefined): readonly PlannedInput[] {
  const folder = String(index + 1);
  if (locked.kind === 'folder') return [{ name: `${folder}/folder.tar`, sha256: locked.sha256, size: folderAt(folders, path ?? '').size }];
  if (locked.kind === 'git') {
    return locked.trees.map(({ sha256, size }, number) => ({
      name: `${folder}/${number === 0 ? 'git' : `submodule-${number}`}.tar`,
      sha256,
      size,
    }));
  }
  const files = isDebian(locked) && locked.part === 'upstream' ? mainFirst(locked.files) : locked.files;
  return files.map((file) => ({ name: `${folder}/${fileNameOf(file)}`, sha256: file.sha256, size: file.size }));
}

/** The main tarball makes the folder that the others go into. */
function mainFirst(files: readonly LockedFile[]): readonly LockedFile[] {
  return [...files.filter(({ path }) => componentOf(path) === ''), ...files.filter(({ path }) => componentOf(path) !== '')];
}

function fileNameOf({ path }: LockedFile): string {
  const last = posix.basename(URL.canParse(path) ? new URL(path).pathname : path);
  const name = /%[0-9A-Fa-f]{2}/.test(last) ? decoded(last) : last;
  return name.replaceAll(/[^A-Za-z0-9.+~_-]/g, '_').replace(/^[.-]+/, '_') || 'source';
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function folderAt(folders: readonly Folder[], path: string): Folder {
  const folder = folders.find((one) => one.path === path);
  if (folder === undefined) throw new Error(`the folder ${path} of the recipe was not read`);
  return folder;
}

/** The whole environment of every step. Nothing of the caller's is in it. */
function environmentOf(recipe: Recipe, epoch: number, image: Image, around: Surroundings): Readonly<Record<string, string>> {
  const options = [recipe.environment['DEB_BUILD_OPTIONS'], ...(around.buildOptions ?? []), `parallel=${around.cpus}`].filter(
    (part) => part !== undefined && part !== '',
  );
  const clock: Record<string, string> =
    around.clockOffsetSeconds === 0
      ? {}
      : {
          LD_PRELOAD: image.fakeTimeLibrary ?? '',
          FAKETIME: `${around.clockOffsetSeconds > 0 ? '+' : ''}${around.clockOffsetSeconds}`,
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          // libfaketime 0.9.10 moves what fstat(2) says and not what stat(2) says: a date that gzip or `touch -r` hands on would move with the clock.
          NO_FAKE_STAT: '1',
        };
  return {
    SHLVL: '0', // bash makes these two itself and dash does not: the names of all variables shall not depend on the shell
    _: '/usr/bin/env',
    OMP_NUM_THREADS: String(around.cpus), // nproc believes it more than the machine
    ...recipe.environment,
    ...around.environment,
    DEB_BUILD_OPTIONS: options.join(' '),
    SOURCE_DATE_EPOCH: String(epoch),
    HOME: around.home,
    PATH: around.path,
    TZ: around.timezone,
    LANG: around.locale,
    LC_ALL: around.locale,
    ...(around.language === undefined ? {} : { LANGUAGE: around.language }),
    USER: around.user.name,
    LOGNAME: around.user.name,
    ...clock,
  };
}
