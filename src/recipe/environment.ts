/** Variables that the surroundings of a build decide: the second build may have others. */
const OWNED = [
  'SOURCE_DATE_EPOCH',
  'HOME',
  'PATH',
  'TZ',
  'LANG',
  'LANGUAGE',
  'USER',
  'LOGNAME',
  'SHELL',
  'PWD',
  'OLDPWD',
  'TMPDIR',
  'HOSTNAME',
  'LD_PRELOAD',
  'FAKETIME',
  'FORCE_SOURCE_DATE',
];

const INSTEAD: Readonly<Record<string, string>> = {
  SOURCE_DATE_EPOCH: 'say `epoch` instead',
};

/** Why a recipe may not set a variable to a value, as a sentence; undefined when it may. */
export function environmentProblem(name: string, value: string | null): string | undefined {
  if (OWNED.includes(name) || name.startsWith('LC_') || name.startsWith('TWINBUILD_')) {
    return `\`${name}\` belongs to the surroundings of a build, and a recipe cannot set it; ${INSTEAD[name] ?? 'a step can, in its script'}`;
  }
  if (name === 'DEB_BUILD_OPTIONS' && value !== null && value.split(/\s+/).some((word) => /^parallel(=|$)/.test(word))) {
    return '`parallel=` in `DEB_BUILD_OPTIONS` follows from the cpus of each build; leave it out, and say `resources.cpus` when the number matters';
  }
  return undefined;
}
