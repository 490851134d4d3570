import { posix } from 'node:path';
import { type Sha256, sha256 } from '../base/digest.ts';
import type { SourceText } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { planBuild } from '../build/plan.ts';
import { quote } from '../build/quote.ts';
import type { BuildPlan, Surroundings } from '../build/types.ts';
import { MOUNT } from '../build/workspace.ts';
import type { BuildRecord } from '../control/record.ts';
import { type Image, USERS } from '../image/types.ts';
import type { Lock } from '../lock/types.ts';
import type { Container, Recipe, Resources, Step } from '../recipe/recipe.ts';
import { allowedOf, jobsOf } from './environment.ts';

/** The PATH of Debian's build machines (sbuild). */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games';
const RESOURCES: Resources = { memoryBytes: 4 * 1024 ** 3, cpus: undefined, diskBytes: 10 * 1024 ** 3, timeSeconds: 4 * 3600 };
/** Byhand files are left out: they lie where debian/rules puts them. */
const OUTPUTS = ['*.deb', '*.udeb', '*.ddeb', '*.buildinfo', '*.changes'];

/** Folders in which a system lives: a volume over one of them would hide it. */
const SYSTEM = /^\/(bin|boot|dev|etc|lib[a-z0-9]*|proc|run|sbin|sys|usr|var)(\/|$)/;
const ROOM = /^\/(usr\/src|usr\/local\/src|var\/(tmp|build|cache|local|lib\/[a-z0-9-]*build[a-z0-9-]*))(\/|$)/;

/** The recipe that a record stands for. It has no file of its own: its text is the .buildinfo. */
export function recipeOf(record: BuildRecord, file: SourceText, container: Container): Recipe {
  const { source, sourceVersion, changes } = record;
  const parts = { buildinfo: sha256(file.text) };
  return {
    name: source,
    file,
    path: file.name,
    digest: parts.buildinfo,
    parts,
    container,
    sources: [{ kind: 'debian', name: source, version: sourceVersion }],
    patches: [],
    buildDepends: [],
    environment: {},
    build: partOf(record.architectures),
    steps: [...(changes === undefined ? [] : [changelogStep(changes)]), buildStep(record)],
    outputs: OUTPUTS,
    epoch: { kind: 'changelog' },
    resources: RESOURCES,
    permissions: [],
  };
}

/** The entry that a build machine put on top of the changelog for a binNMU. */
function changelogStep(changes: string): Step {
  const entry = changes
    .split('\n')
    .map((line) => quote(line))
    .join(' ');
  return {
    name: 'changelog',
    run: `printf '%s\\n' ${entry} >../changelog.new\ncat debian/changelog >>../changelog.new\nmv ../changelog.new debian/changelog`,
    timeoutSeconds: 600,
    user: 'builder',
  };
}

function buildStep({ architectures }: Pick<BuildRecord, 'architectures'>): Step {
  return {
    name: 'build',
    run: `dpkg-buildpackage --build=${partOf(architectures)} --unsigned-source --unsigned-changes`,
    timeoutSeconds: RESOURCES.timeSeconds,
    user: 'builder',
  };
}

/** What dpkg-buildpackage is told to build, from what was. */
export function partOf(architectures: readonly string[]): 'binary' | 'any' | 'all' {
  const any = architectures.some((name) => name !== 'all' && name !== 'source');
  if (!architectures.includes('all')) return 'any';
  return any ? 'binary' : 'all';
}

export type RebuildRequest = {
  readonly record: BuildRecord;
  readonly recipe: Recipe; // of the record
  readonly lock: Lock;
  readonly lockDigest: Sha256;
  readonly image: Image;
  readonly cpus: number; // that the engine has
  readonly buildPath: string; // absolute
};

/**
 * The build that a record tells of, as data: its path, its environment as far as dpkg records one, everything else as in a first build.
 *
 * @returns a usage failure build-path-unusable when the path is in a folder of the system
 */
export function planRebuild({ record, recipe, lock, lockDigest, image, cpus, buildPath }: RebuildRequest): Result<BuildPlan> {
  const { environment } = allowedOf(record.environment);
  const surroundings: Surroundings = {
    hostname: 'twin-a',
    domain: 'build.example',
    timezone: 'UTC',
    locale: environment['LC_ALL'] ?? environment['LANG'] ?? 'C',
    language: undefined,
    umask: '022',
    user: USERS.first,
    home: `${MOUNT}/home`,
    path: PATH,
    environment: {},
    cpus: jobsOf(environment) ?? cpus,
    cpuset: '',
    shell: 'dash',
    volume: 'disk',
    personality: 'native',
    clockOffsetSeconds: 0,
    buildPath,
  };
  const plan = planBuild({ recipe, lock, lockDigest, image, surroundings });
  const own = {
    SHLVL: '0',
    _: '/usr/bin/env',
    ...environment,
    HOME: surroundings.home,
    PATH,
    TZ: surroundings.timezone,
    USER: surroundings.user.name,
    LOGNAME: surroundings.user.name,
  };
  const parent = posix.dirname(buildPath);
  if (isInside(parent, MOUNT)) return ok({ ...plan, environment: own });
  if (parent === '/' || (SYSTEM.test(parent) && !ROOM.test(parent))) {
    return fail({
      kind: 'usage',
      reason: 'build-path-unusable',
      message: `It was built in ${buildPath}, and ${parent} belongs to the system of the image`,
      next: 'Name another path with --build-path; the result may then differ where the path got into it.',
    });
  }
  return ok({ ...plan, environment: own, mount: parent });
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Where Debian's build machines build since 2024. */
export function debianPath(source: string, version: string): string {
  const upstream = version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
  return `${MOUNT}/reproducible-path/${source}-${upstream}`;
}
