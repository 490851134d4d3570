import type { Failure, Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Image } from '../image/types.ts';
import { USERS } from '../image/types.ts';
import type { SurroundingName, Surroundings } from './types.ts';

/** What a variation may look at besides the first surroundings. */
export type Room = {
  readonly image: Image;
  readonly cpus: number; // that the build may use
  readonly buildOptions: readonly string[]; // DEB_BUILD_OPTIONS of the recipe
  readonly tmpfsBytes: number | undefined; // size of a volume in memory; undefined: memory has no room for one
};

/** Either the second surroundings or a reason, for people, why this one cannot differ here. */
export type Change = { readonly second: Surroundings } | { readonly impossible: string };

/** One fact of the world around a build that the second build finds changed. */
export type Variation = {
  readonly name: SurroundingName;
  readonly onRequest: boolean; // only with --vary
  readonly show: (around: Surroundings) => string;
  /** What the second build gets. `value` is what the user asked for. */
  readonly change: (first: Surroundings, room: Room, value: string | undefined) => Result<Change>;
};

/** 213 days and some hours: another month, another season of daylight saving, another weekday. */
const CLOCK_OFFSET_SECONDS = 213 * 86_400 + 7 * 3600 + 11;

const plain = (second: Surroundings): Result<Change> => ok({ second });
const impossible = (why: string): Result<Change> => ok({ impossible: why });

/** The failure for a value that a surrounding cannot have. */
function refuse(name: SurroundingName, value: string, wanted: string): Result<never> {
  return fail<Failure>({
    kind: 'usage',
    reason: 'surrounding-value',
    message: `--vary ${name}=${value}: ${wanted}`,
    next: `Give another value, or only \`--vary ${name}\` for the usual one.`,
  });
}

/** A variation that is one text in one field. */
function text(
  name: SurroundingName,
  field: 'hostname' | 'domain' | 'timezone' | 'home' | 'umask',
  usual: string,
  form: RegExp,
  wanted: string,
): Variation {
  return {
    name,
    onRequest: false,
    show: (around) => around[field],
    change: (first, _room, value) =>
      value !== undefined && !form.test(value) ? refuse(name, value, wanted) : plain({ ...first, [field]: value ?? usual }),
  };
}

const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const FOLDER = /^\/build(\/[A-Za-z0-9][A-Za-z0-9._+~-]*){1,8}$/;

/** All of them, in the order of SURROUNDING_NAMES. */
export const VARIATIONS: readonly Variation[] = [
  text('hostname', 'hostname', 'twin-b-with-a-longer-name', new RegExp(`^${LABEL}$`), 'a host name has letters, digits and dashes.'),
  text('domain', 'domain', 'other.example', new RegExp(`^${LABEL}(\\.${LABEL})*$`), 'a domain has letters, digits, dashes and dots.'),
  // 14 hours east of Greenwich, in the form that needs no time zone files: the date differs for most of the day.
  text(
    'timezone',
    'timezone',
    'GMT-14',
    /^[A-Za-z0-9:<>+/_,.-]{1,64}$/,
    'a time zone is written as TZ has it, such as GMT-14 or Asia/Tokyo.',
  ),
  {
    name: 'locale',
    onRequest: false,
    show: ({ locale, language }) => (language === undefined || language === 'C' ? locale : `${locale} (${language})`),
    change(first, { image }, value) {
      if (value !== undefined && !/^[A-Za-z0-9@._-]{1,64}$/.test(value))
        return refuse('locale', value, 'a locale is written as LC_ALL has it, such as fr_CH.UTF-8.');
      if (value !== undefined && !['C', 'POSIX', 'C.UTF-8', ...image.locales].includes(value)) {
        return refuse(
          'locale',
          value,
          `the builder image has only C, POSIX, C.UTF-8${image.locales.map((locale) => `, ${locale}`).join('')}.`,
        );
      }
      // Without a translated locale in the image, plain C still finds what depends on the encoding.
      const locale = value ?? image.locales[0] ?? 'C';
      const [language = locale] = locale.split(/[.@]/);
      const translated = !/^(C|POSIX)/.test(locale);
      return plain({ ...first, locale, language: translated ? `${language}:${language.split('_')[0]}` : 'C' });
    },
  },
  text('umask', 'umask', '002', /^0?[0-7]{3}$/, 'a umask has three octal digits.'),
  {
    name: 'user',
    onRequest: false,
    show: ({ user }) => `${user.name} (${user.uid}:${user.gid})`,
    change: (first, _room, value) =>
      value !== undefined && value !== USERS.second.name
        ? refuse('user', value, `the builder image has only the users ${USERS.first.name} and ${USERS.second.name}.`)
        : plain({ ...first, user: USERS.second }),
  },
  text('home', 'home', '/build/another-home/of-the-second-builder', FOLDER, 'a home is a folder below /build, such as /build/elsewhere.'),
  {
    name: 'path',
    onRequest: false,
    show: ({ path }) => path,
    change: (first, _room, value) =>
      value !== undefined && !/^(\/[A-Za-z0-9._+~/-]*)(:\/[A-Za-z0-9._+~/-]*)*$/.test(value)
        ? refuse('path', value, 'a PATH has absolute folders with colons between them.')
        : plain({ ...first, path: value ?? `${first.path}:/one/more/folder/in/the/path` }),
  },
  {
    name: 'environment',
    onRequest: false,
    show: ({ environment }) =>
      Object.entries(environment)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ') || '(nothing more)',
    change(first, _room, value) {
      const [, name, content] =
        /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(value ?? 'CAPTURED_ENVIRONMENT=only the second build has this variable') ?? [];
      if (name === undefined || content === undefined || /[\0\n]/.test(content))
        return refuse('environment', value ?? '', 'a variable is written NAME=VALUE.');
      return plain({ ...first, environment: { ...first.environment, [name]: content } });
    },
  },
  {
    name: 'cpus',
    onRequest: false,
    show: ({ cpus, cpuset }) => `${cpus}${cpuset === '' ? '' : ` (cpuset ${cpuset})`}`,
    change: changeCpus,
  },
  {
    name: 'shell',
    onRequest: false,
    show: ({ shell }) => shell,
    change: (first, _room, value) =>
      value !== undefined && value !== 'bash' && value !== 'dash'
        ? refuse('shell', value, '/bin/sh can be bash or dash.')
        : plain({ ...first, shell: value ?? 'bash' }),
  },
  {
    name: 'directory-order',
    onRequest: false,
    show: ({ volume }) => volume,
    change(first, { tmpfsBytes }, value) {
      if (value !== undefined && value !== 'tmpfs' && value !== 'shuffled')
        return refuse('directory-order', value, 'it can be tmpfs or shuffled.');
      if (value === 'tmpfs' && tmpfsBytes === undefined)
        return refuse('directory-order', value, 'the memory of the engine has no room for the disk space that the recipe allows.');
      if (value === 'shuffled' || tmpfsBytes === undefined) return plain({ ...first, volume: 'shuffled' });
      return plain({ ...first, volume: 'tmpfs', tmpfsBytes });
    },
  },
  {
    name: 'kernel',
    onRequest: false,
    show: ({ personality }) => (personality === 'native' ? 'as is' : 'seen as Linux 2.6'),
    change: (first, _room, value) =>
      value !== undefined && value !== 'uname26'
        ? refuse('kernel', value, 'it can only be uname26.')
        : plain({ ...first, personality: 'uname26' }),
  },
  {
    name: 'clock',
    onRequest: true,
    show: ({ clockOffsetSeconds }) =>
      clockOffsetSeconds === 0 ? 'now' : `${clockOffsetSeconds > 0 ? '+' : ''}${clockOffsetSeconds} seconds`,
    change(first, { image }, value) {
      if (image.fakeTimeLibrary === undefined) {
        return fail({
          kind: 'usage',
          reason: 'surrounding-unavailable',
          message: '--vary clock: the builder image has no libfaketime.',
          next: 'Add the package `libfaketime` to the container, and lock again.',
        });
      }
      const [, number, unit] = /^([+-]?\d{1,9})([smhd]?)$/.exec(value ?? String(CLOCK_OFFSET_SECONDS)) ?? [];
      if (number === undefined || Number(number) === 0) return refuse('clock', value ?? '', 'a distance is written as 3600, 12h or -2d.');
      const seconds = Number(number) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit ?? 's'] ?? 1);
      return plain({ ...first, clockOffsetSeconds: seconds });
    },
  },
  {
    name: 'build-path',
    onRequest: true,
    show: ({ buildPath }) => buildPath,
    change(first, _room, value) {
      if (value !== undefined && !FOLDER.test(value))
        return refuse('build-path', value, 'a build path is a folder below /build, such as /build/elsewhere/tree.');
      const tree = first.buildPath.slice(first.buildPath.lastIndexOf('/') + 1);
      return plain({ ...first, buildPath: value ?? `/build/another-place/for-the-second-build/of-${tree}` });
    },
  },
  {
    name: 'checks',
    onRequest: true,
    show: ({ buildOptions = [] }) => (buildOptions.includes('nocheck') ? 'not run (nocheck)' : 'run'),
    change(first, { buildOptions }, value) {
      if (value !== undefined && value !== 'nocheck') return refuse('checks', value, 'it can only be nocheck.');
      if (buildOptions.includes('nocheck')) return impossible('the recipe runs none');
      return plain({ ...first, buildOptions: [...(first.buildOptions ?? []), 'nocheck'] });
    },
  },
];

/**
 * Another number of cpus. The set of cpus gets smaller by one where at least two are left. With two, one against two would be one against
 * many for compressors, whose output may rightly differ then; so both are kept, and what asks for a number (nproc, make, OpenMP) hears three.
 */
function changeCpus(first: Surroundings, { cpus }: Room, value: string | undefined): Result<Change> {
  if (value !== undefined) {
    const wanted = Number(value);
    if (!/^[1-9]\d{0,3}$/.test(value) || wanted > cpus)
      return refuse('cpus', value, `it is a number from 1 to ${cpus}, as the build may use so many.`);
    return plain({ ...first, cpus: wanted, cpuset: cpusetOf(wanted) });
  }
  if (cpus >= 3) return plain({ ...first, cpus: cpus - 1, cpuset: cpusetOf(cpus - 1) });
  if (cpus === 2) return plain({ ...first, cpus: 3 });
  return impossible('the build has one cpu only');
}

/** The first so many cpus. */
export function cpusetOf(cpus: number): string {
  return cpus === 1 ? '0' : `0-${cpus - 1}`;
}
