import { resolve } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { USUAL_CONTAINER } from '../recipe/derive.ts';
import { isBuildOption, isProfileName } from '../recipe/environment.ts';
import { isPath } from '../recipe/find.ts';
import type { BuildPart } from '../recipe/recipe.ts';
import type { World } from './world.ts';

/** How a derived recipe builds. */
export type BuildSettings = {
  readonly container: string; // a name, or an absolute path
  readonly profiles: readonly string[]; // DEB_BUILD_PROFILES
  readonly buildOptions: readonly string[]; // DEB_BUILD_OPTIONS without parallel=, which follows from the cpus
  readonly build: BuildPart; // what dpkg-buildpackage --build= gets
  readonly binNmu?: number; // the number behind +b of a binary-only upload
  readonly resources?: Readonly<Partial<Record<'memory' | 'disk' | 'time', string>>>; // as a recipe says them
  readonly asked?: readonly string[]; // options of the command line that say one of these: a recipe of one's own decides them itself
};

export type SettingOptions = {
  readonly container?: string;
  readonly profile?: readonly string[];
  readonly archAny?: boolean;
  readonly archAll?: boolean;
  readonly binnmu?: number;
  readonly memory?: string;
  readonly disk?: string;
  readonly time?: string;
};

/**
 * The settings that the command line and the caller's environment ask for. DEB_BUILD_PROFILES and DEB_BUILD_OPTIONS mean what they mean to
 * dpkg-buildpackage; `--profile` takes the place of the first, as there.
 */
export function buildSettings(world: Pick<World, 'root' | 'environment'>, options: SettingOptions): Result<BuildSettings> {
  const { archAny = false, archAll = false, container = USUAL_CONTAINER, binnmu } = options;
  const words = (name: string): readonly string[] => (world.environment[name] ?? '').split(/\s+/).filter((word) => word !== '');
  const profiles = [...new Set(options.profile ?? words('DEB_BUILD_PROFILES'))];
  const wrong = profiles.find((profile) => !isProfileName(profile));
  if (wrong !== undefined) {
    return fail({
      kind: 'usage',
      reason: 'bad-profile',
      message: `"${wrong}" is not the name of a build profile, such as nocheck or pkg.hello.nodoc`,
      next: 'Name it with --profile, or mend DEB_BUILD_PROFILES.',
    });
  }
  const buildOptions = [...new Set(words('DEB_BUILD_OPTIONS').filter((word) => isBuildOption(word) && !/^parallel(=|$)/.test(word)))];
  const resources = Object.fromEntries(
    (['memory', 'disk', 'time'] as const).flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  const asked = (['container', 'profile', 'archAny', 'archAll', 'binnmu', 'memory', 'disk', 'time'] as const).filter(
    (name) => options[name] !== undefined,
  );
  return ok({
    container: isPath(container) ? resolve(world.root, container) : container,
    profiles,
    buildOptions,
    build: archAny === archAll ? 'binary' : archAny ? 'any' : 'all',
    ...(binnmu === undefined ? {} : { binNmu: binnmu }),
    ...(Object.keys(resources).length > 0 ? { resources } : {}),
    asked: asked.map((name) => `--${name.replaceAll(/[A-Z]/g, (sign) => `-${sign.toLowerCase()}`)}`),
  });
}

/** What the caller's environment adds to a build, for people; undefined when nothing. */
export function settingsText({ profiles, buildOptions, build, binNmu }: BuildSettings): string | undefined {
  const words = [
    ...(build === 'binary' ? [] : [build === 'any' ? 'architecture-dependent packages only' : 'architecture-independent packages only']),
    ...(profiles.length > 0 ? [`DEB_BUILD_PROFILES=${profiles.join(' ')}`] : []),
    ...(buildOptions.length > 0 ? [`DEB_BUILD_OPTIONS=${buildOptions.join(' ')}`] : []),
    ...(binNmu === undefined ? [] : [`binary-only upload +b${binNmu}`]),
  ];
  return words.length > 0 ? words.join('; ') : undefined;
}
