// What dpkg-genbuildinfo records (Dpkg::BuildInfo, get_build_env_allowed): toolchain, flags, locale, DEB_*, and what builds themselves look at.
const NAMES = new Set(
  [
    'CC CPP CXX OBJC OBJCXX PC FC M2C AS LD AR RANLIB MAKE AWK LEX YACC',
    'ASFLAGS ASFLAGS_FOR_BUILD CFLAGS CFLAGS_FOR_BUILD CPPFLAGS CPPFLAGS_FOR_BUILD CXXFLAGS CXXFLAGS_FOR_BUILD OBJCFLAGS OBJCFLAGS_FOR_BUILD',
    'OBJCXXFLAGS OBJCXXFLAGS_FOR_BUILD GCJFLAGS DFLAGS DFLAGS_FOR_BUILD FFLAGS FFLAGS_FOR_BUILD FCFLAGS LDFLAGS LDFLAGS_FOR_BUILD ARFLAGS MAKEFLAGS',
    'LANG LC_ALL LC_CTYPE LC_NUMERIC LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_PAPER LC_NAME LC_ADDRESS LC_TELEPHONE LC_MEASUREMENT LC_IDENTIFICATION',
    'SOURCE_DATE_EPOCH CONFIG_SHELL CONFIG_SITE PERL_PATH TEXINPUTS TEXMF GNUMAKEFLAGS MAKEOVERRIDES',
  ].flatMap((line) => line.split(' ')),
);

/** A recorded environment, parted into what a rebuild gets and the names of what it does not. */
export type Allowed = { readonly environment: Readonly<Record<string, string>>; readonly refused: readonly string[] };

/** Only what dpkg records by itself is set again: whatever else stands in a .buildinfo was put there by somebody, and may be meant to steer the build. */
export function allowedOf(recorded: Readonly<Record<string, string>>): Allowed {
  const entries = Object.entries(recorded);
  const isAllowed = (name: string): boolean => NAMES.has(name) || /^DEB_[A-Z0-9_]+$/.test(name);
  return {
    environment: Object.fromEntries(entries.filter(([name]) => isAllowed(name))),
    refused: entries.map(([name]) => name).filter((name) => !isAllowed(name)),
  };
}

/** The number of jobs that `parallel=` of DEB_BUILD_OPTIONS names; undefined when it names none. */
export function jobsOf({ DEB_BUILD_OPTIONS: options = '' }: Readonly<Record<string, string>>): number | undefined {
  const number = /(?:^|\s)parallel=([1-9][0-9]{0,3})(?:\s|$)/.exec(options)?.[1];
  return number === undefined ? undefined : Number(number);
}
