import { distance } from 'fastest-levenshtein';
import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Image } from '../image/types.ts';
import { USERS } from '../image/types.ts';
import type { Resources } from '../recipe/recipe.ts';
import type { Profile } from './profiles.ts';
import type { NotVaried, SurroundingName, Surroundings, Varied } from './types.ts';
import { SURROUNDING_NAMES } from './types.ts';
import type { Room } from './variations.ts';
import { cpusetOf, VARIATIONS } from './variations.ts';

export type SurroundingsRequest = {
  readonly tree: string; // last part of the build path, such as hello-2.10: see treeName
  readonly cpus: number; // that the engine has
  readonly memoryBytes: number; // that the engine has for builds
  readonly resources: Resources; // of the recipe
  readonly image: Image;
  readonly vary: readonly string[]; // NAME or NAME=VALUE
  readonly skip: readonly string[]; // NAME; wins over vary
  readonly profile?: Profile; // varies exactly what it says, less what is skipped
  readonly buildOptions?: readonly string[]; // DEB_BUILD_OPTIONS of the recipe
};

export type TwoSurroundings = {
  readonly first: Surroundings;
  readonly second: Surroundings;
  readonly varied: readonly Varied[]; // in the order of SURROUNDING_NAMES
  readonly notVaried: readonly NotVaried[]; // likewise
};

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The world around the first and around the second build, and what differs between them. All are varied but those on request; `vary` adds one or gives
 * it a value, `skip` leaves one out. An unknown name or a value that cannot be is a failure of kind usage.
 */
export function surroundings(request: SurroundingsRequest): Result<TwoSurroundings> {
  const asked = parseAsked(request);
  if (!asked.ok) return asked;
  const { values, skipped } = asked.value;
  const first = firstSurroundings(request);
  const room: Room = {
    image: request.image,
    cpus: cpusOf(request),
    tmpfsBytes: tmpfsRoom(request),
    buildOptions: request.buildOptions ?? [],
  };
  const varied: Varied[] = [];
  const notVaried: NotVaried[] = [];
  let second = first;
  for (const { name, onRequest, change, show } of VARIATIONS) {
    const why = skipped.has(name) ? 'skipped' : leftAlone(name, onRequest && !values.has(name), request);
    if (why !== undefined) {
      notVaried.push({ name, why });
      continue;
    }
    const changed = change(second, room, values.get(name));
    if (!changed.ok) return changed;
    if ('impossible' in changed.value) {
      notVaried.push({ name, why: changed.value.impossible });
      continue;
    }
    const [before, after] = [show(second), show(changed.value.second)];
    second = changed.value.second;
    if (before === after) notVaried.push({ name, why: 'the same value was asked for' });
    else varied.push({ name, first: before, second: after });
  }
  return ok({ first, second, varied, notVaried });
}

/** Why a surrounding stays as it is unless somebody asks for it; undefined when it does not. */
function leftAlone(name: SurroundingName, onRequest: boolean, { profile, image }: SurroundingsRequest): string | undefined {
  if (!profile) return onRequest ? 'on request' : undefined;
  if (!profile.varies.includes(name)) return `the same for ${profile.name}`;
  return name === 'clock' && image.fakeTimeLibrary === undefined ? 'the builder image has no libfaketime' : undefined;
}

function firstSurroundings(request: SurroundingsRequest): Surroundings {
  const cpus = cpusOf(request);
  return {
    hostname: 'twin-a',
    domain: 'build.example',
    timezone: 'UTC',
    locale: 'C.UTF-8',
    language: 'C',
    umask: '022',
    user: USERS.first,
    home: '/build/home',
    path: PATH,
    environment: {},
    cpus,
    cpuset: cpus === request.cpus ? '' : cpusetOf(cpus),
    shell: 'dash',
    volume: 'disk',
    personality: 'native',
    clockOffsetSeconds: 0,
    buildPath: `/build/${request.tree}`,
  };
}

function cpusOf({ cpus, resources }: SurroundingsRequest): number {
  return Math.max(1, Math.min(cpus, resources.cpus ?? cpus));
}

/**
 * The size of a volume in memory: the recipe's disk limit, or what memory has beside the build itself when that is at least half of it. A volume that
 * is too small would make the second build fail where the first does not.
 */
function tmpfsRoom({ memoryBytes, resources }: SurroundingsRequest): number | undefined {
  const room = Math.floor(memoryBytes - Math.min(resources.memoryBytes, memoryBytes / 2));
  const bytes = Math.min(resources.diskBytes, room);
  return bytes > 0 && bytes >= resources.diskBytes / 2 ? bytes : undefined;
}

function parseAsked({ vary, skip, profile }: SurroundingsRequest): Result<{
  readonly values: ReadonlyMap<SurroundingName, string | undefined>;
  readonly skipped: ReadonlySet<SurroundingName>;
}> {
  const values = new Map<SurroundingName, string | undefined>();
  const skipped = new Set<SurroundingName>();
  for (const word of vary) {
    const [, written = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = parseName('vary', written);
    if (!name.ok) return name;
    if (profile && !profile.varies.includes(name.value)) return fail(outsideOf(profile, name.value));
    values.set(name.value, value);
  }
  for (const word of skip) {
    const name = parseName('skip', word);
    if (!name.ok) return name;
    skipped.add(name.value);
  }
  return ok({ values, skipped });
}

function outsideOf({ name, varies }: Profile, asked: SurroundingName): Failure {
  return {
    kind: 'usage',
    reason: 'profile-varies',
    message: `--vary ${asked}: ${name} varies ${varies.join(', ')}, and nothing else.`,
    next: 'Leave out --as, or --vary.',
  };
}

/** Whether what `--vary NAME[=VALUE]` or `--skip NAME` names is there; whether a value can be is known once there is an image. */
export function checkSurrounding(option: 'vary' | 'skip', word: string): Result<void> {
  const name = parseName(option, option === 'vary' ? word.replace(/=.*$/s, '') : word);
  return name.ok ? ok() : name;
}

function parseName(option: string, written: string): Result<SurroundingName> {
  const found = SURROUNDING_NAMES.find((name) => name === written);
  if (found !== undefined) return ok(found);
  const [nearest] = SURROUNDING_NAMES.map((name) => ({ name, away: distance(name, written) })).sort((a, b) => a.away - b.away);
  const meant = nearest !== undefined && nearest.away <= 3 ? `Did you mean "${nearest.name}"? ` : '';
  return fail<Failure>({
    kind: 'usage',
    reason: 'unknown-surrounding',
    message: `--${option}: there is no surrounding "${written}".`,
    next: `${meant}There are ${SURROUNDING_NAMES.join(', ')}.`,
  });
}
