import type { SurroundingName, Surroundings } from '../build/types.ts';
import { zoneOffset } from './clocks.ts';
import type { Pair } from './clue.ts';
import { against, isVaried, type Mask, type Masked, shown } from './detector.ts';
import { holds, swapped } from './swap.ts';

/** A value that a build could see, in both builds; `common` ones are short numbers and words that may stand there for other reasons. */
type Value = { readonly first: string; readonly second: string; readonly common?: boolean };

/** How a surrounding shows itself as text. */
type Literal = Omit<Mask, 'mask' | 'evidence' | 'whole'> & {
  readonly surrounding: SurroundingName;
  readonly what: string; // the start of a sentence
  readonly values: (first: Surroundings, second: Surroundings) => readonly Value[]; // longest first
};

const DOCS = 'https://reproducible-builds.org/docs';

const LITERALS: readonly Literal[] = [
  {
    name: 'path',
    surrounding: 'path',
    leak: 'The value of PATH',
    what: 'The value of PATH',
    remedy: 'Do not record PATH. Leave out the dump of the environment, or name the programs that were found without their search path.',
    link: `${DOCS}/env-variations/`,
    values: (a, b) => [
      { first: a.path, second: b.path },
      ...(b.path.startsWith(`${a.path}:`) ? b.path.slice(a.path.length + 1).split(':') : []).map((folder) => ({
        first: '',
        second: folder,
      })),
    ],
  },
  {
    name: 'build-path',
    surrounding: 'build-path',
    leak: 'The folder in which the package was built',
    what: 'The folder of the build',
    remedy:
      'Build with the flags of dpkg-buildflags, which pass -ffile-prefix-map=$(CURDIR)=. to compilers (DEB_BUILD_MAINT_OPTIONS=reproducible=+fixfilepath); make scripts and documentation tools write relative paths.',
    link: `${DOCS}/build-path/`,
    values: (a, b) => [
      { first: a.buildPath, second: b.buildPath },
      { first: parent(a.buildPath), second: parent(b.buildPath), common: true },
    ],
  },
  {
    name: 'home',
    surrounding: 'home',
    leak: 'The home folder of the build user',
    what: 'The home folder',
    remedy:
      'Do not read HOME in the build; `export HOME=/nonexistent` in debian/rules shows what does (debhelper does so from compatibility level 13 on).',
    link: 'https://manpages.debian.org/bookworm/debhelper/debhelper.7.en.html',
    values: (a, b) => [{ first: a.home, second: b.home }],
  },
  {
    name: 'hostname',
    surrounding: 'hostname',
    leak: 'The name of the build machine',
    what: 'The host name',
    remedy: 'Leave the host name out, or set it to a fixed text, as KBUILD_BUILD_HOST does for a Linux kernel.',
    link: `${DOCS}/stripping-unreproducible-information/`,
    values: (a, b) => [{ first: a.hostname, second: b.hostname }],
  },
  {
    name: 'domain',
    surrounding: 'domain',
    leak: 'The domain of the build machine',
    what: 'The domain',
    remedy:
      'Leave the domain out, or set it to a fixed text: `hostname -f` and `dnsdomainname` speak of the machine and not of the package.',
    link: `${DOCS}/stripping-unreproducible-information/`,
    values: (a, b) => [{ first: a.domain, second: b.domain }],
  },
  {
    name: 'timezone-name',
    surrounding: 'timezone',
    leak: 'The name of the time zone, or how far it is from UTC',
    what: 'The time zone',
    remedy: 'Set `export TZ=UTC` in debian/rules, or do not write the name of the zone.',
    link: `${DOCS}/timezones/`,
    values: (a, b) => [
      { first: a.timezone, second: b.timezone, common: true },
      { first: abbreviation(a.timezone), second: abbreviation(b.timezone), common: true },
      ...offsets(a.timezone, b.timezone),
    ],
  },
  {
    name: 'locale',
    surrounding: 'locale',
    leak: 'The name of the locale',
    what: 'The locale',
    remedy: 'Set `export LC_ALL=C.UTF-8` in debian/rules, or do not write the name of the locale.',
    link: `${DOCS}/locales/`,
    values: (a, b) => [
      { first: a.language ?? '', second: b.language ?? '', common: (a.language ?? '').length < 3 },
      { first: a.locale, second: b.locale },
    ],
  },
  {
    name: 'user',
    surrounding: 'user',
    leak: 'The name or number of the build user',
    what: 'The user',
    remedy:
      'Leave the user out, or set it to a fixed text, as KBUILD_BUILD_USER does for a Linux kernel; in archives use --owner=0 --group=0 --numeric-owner.',
    link: `${DOCS}/archives/`,
    values: ({ user: a }, { user: b }) => [
      { first: `uid=${a.uid}(${a.name}) gid=${a.gid}(${a.name})`, second: `uid=${b.uid}(${b.name}) gid=${b.gid}(${b.name})` },
      { first: a.name, second: b.name },
      ...[':', ' ', '/', ','].map((between) => ({ first: `${a.uid}${between}${a.gid}`, second: `${b.uid}${between}${b.gid}` })),
      { first: String(a.uid), second: String(b.uid), common: true },
      { first: String(a.gid), second: String(b.gid), common: true },
    ],
  },
  {
    name: 'shell',
    surrounding: 'shell',
    leak: 'Which shell /bin/sh is',
    what: 'The shell',
    remedy:
      'Do not write the resolved path of /bin/sh; name the shell that a script needs in its first line, or set CONFIG_SHELL=/bin/sh for configure.',
    link: 'https://www.debian.org/doc/debian-policy/ch-files.html#scripts',
    values: (a, b) => [{ first: a.shell, second: b.shell, common: true }],
  },
  {
    name: 'umask',
    surrounding: 'umask',
    leak: 'The umask of the build',
    what: 'The umask',
    remedy: 'Do not write the umask; set modes with `install -m 0644` or let dh_fixperms do it.',
    link: 'https://manpages.debian.org/bookworm/debhelper/dh_fixperms.1.en.html',
    values: (a, b) =>
      ['0', '']
        .flatMap((zero) => [{ first: `${zero}${a.umask}`, second: `${zero}${b.umask}`, common: true }])
        .concat([
          { first: `0o${octal(a.umask).toString(8)}`, second: `0o${octal(b.umask).toString(8)}`, common: true },
          { first: String(octal(a.umask)), second: String(octal(b.umask)), common: true }, // in decimal, as printf %d has it
          { first: symbolic(a.umask), second: symbolic(b.umask), common: false },
        ]),
  },
];

/** A mask for each surrounding that can stand in a text as it is. */
export const LITERAL_MASKS: readonly Mask[] = LITERALS.map((literal) => ({
  name: literal.name,
  leak: literal.leak,
  evidence: `The first build's value of \`${literal.surrounding}\` stands on the first side where the second build's stands on the second.`,
  remedy: literal.remedy,
  link: literal.link,
  mask: (pair, { first, second }) =>
    first === undefined || second === undefined ? undefined : literalMask(literal, pair, literal.values(first, second)),
}));

function literalMask({ surrounding, what }: Literal, pair: Pair, values: readonly Value[]): Masked | undefined {
  for (const { first, second, common } of values.flatMap(spellings)) {
    const left = swapped(pair, first, second);
    if (left !== undefined && (!common || left.first === left.second)) {
      return { pair: left, finding: { confidence: 'certain', evidence: against(what, first, second), surrounding } };
    }
    const lone = common || first === second ? undefined : oneSided(pair, first, second);
    if (lone !== undefined) {
      const evidence = `${what} of the ${lone} build, ${shown(lone === 'first' ? first : second)}, stands in what only that build has.`;
      return { pair: { first: '', second: '' }, finding: { confidence: 'likely', evidence, surrounding } };
    }
  }
  return undefined;
}

/** How programs write a value: as it is, in capitals, as an identifier, in a string of JSON, in an address. */
function spellings(value: Value): readonly Value[] {
  if (value.common) return [value];
  const forms: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => text.toUpperCase(),
    (text) => text.replaceAll(/[-.]/g, '_'),
    (text) => text.toUpperCase().replaceAll(/[-.]/g, '_'),
    (text) => text.replaceAll('/', '\\/'),
    (text) => text.replaceAll('/', '%2F'),
  ];
  const found = new Map(
    forms.map((form) => [
      `${form(value.first)}\0${form(value.second)}`,
      { ...value, first: form(value.first), second: form(value.second) },
    ]),
  );
  return [...found.values()];
}

function octal(umask: string): number {
  return Number.parseInt(umask, 8);
}

function oneSided(pair: Pair, first: string, second: string): 'first' | 'second' | undefined {
  if (first === '' && holds(pair.second, second) && !holds(pair.first, second)) return 'second';
  if (pair.second === '' && first.length > 4 && holds(pair.first, first)) return 'first';
  return pair.first === '' && second.length > 4 && holds(pair.second, second) ? 'second' : undefined;
}

/** A variable that only the second build had. */
export const ENVIRONMENT_MASK: Mask = {
  name: 'environment',
  leak: 'A variable of the environment',
  evidence: 'The name or the value of the variable that was added for one build stands on its side and not on the other.',
  remedy: 'Do not write the environment as a whole (env, export -p, %ENV, os.environ); write the few variables that matter to the package.',
  link: `${DOCS}/env-variations/`,
  mask(pair, context) {
    if (!isVaried(context, 'environment') || !context.first || !context.second) return undefined;
    const [one, two] = [context.first.environment, context.second.environment];
    for (const [name, value] of Object.entries(two)) {
      if (one[name] === value) continue;
      const seen = [name, value].find((text) => text.length > 4 && holds(pair.second, text) && !holds(pair.first, text));
      if (seen === undefined) continue;
      const evidence = `The variable ${shown(name)}, which only the second build has with this value, stands in its output.`;
      return { pair: { first: '', second: '' }, finding: { confidence: 'certain', evidence, surrounding: 'environment' } };
    }
    return undefined;
  },
};

function parent(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

/** As date(1) writes a zone of a POSIX TZ for %Z. */
function abbreviation(zone: string): string {
  return /^[A-Za-z]{3,}/.exec(zone)?.[0] ?? '';
}

/** As date(1) writes them for %z and %:z. */
function offsets(first: string, second: string): readonly Value[] {
  const [one, two] = [zoneOffset(first), zoneOffset(second)];
  if (one === undefined || two === undefined) return [];
  return [':', ''].map((between) => ({ first: east(one, between), second: east(two, between), common: true }));
}

function east(seconds: number, between: string): string {
  const [hours, minutes] = [Math.floor(Math.abs(seconds) / 3600), Math.floor((Math.abs(seconds) % 3600) / 60)];
  return `${seconds < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${between}${String(minutes).padStart(2, '0')}`;
}

/** As `umask -S` writes it. */
function symbolic(umask: string): string {
  const digits = umask.slice(-3).split('');
  const granted = (digit: string | undefined): string => ['r', 'w', 'x'].filter((_, bit) => !(Number(digit) & (4 >> bit))).join('');
  return ['u', 'g', 'o'].map((who, index) => `${who}=${granted(digits[index])}`).join(',');
}
