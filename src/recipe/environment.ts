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

/** Whether a word is the name of a build profile (Debian's BuildProfileSpec). */
export function isProfileName(word: string): boolean {
  return /^[a-z0-9][a-z0-9.+-]*$/.test(word);
}

/** Whether a word can be one of DEB_BUILD_OPTIONS (Policy 4.9.1); what does not look like it is ignored by dpkg, too. */
export function isBuildOption(word: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_.+-]*(=[!-~]*)?$/.test(word);
}

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
