import test from 'ava';
import { packageMap } from '../src/archive/packages.ts';
import { closure } from '../src/lock/closure.ts';
import type { Container } from '../src/recipe/recipe.ts';
import { stanza } from './helpers/stanzas.ts';

/** Packages files from stanzas in one line: `name version; Field: value; …`, an empty line between suites. */
function index(text: string) {
  const suites = text
    .trim()
    .split(/\n\s*\n/)
    .map((suite, number) => ({
      archive: 'debian',
      suite: `suite-${number}`,
      name: `Packages ${number}`,
      bytes: Buffer.from(suite.trim().split('\n').map(stanza).join('\n')),
    }));
  return packageMap(suites, () => {});
}

const chosen = test.macro((t, packages: string, expected: string, variant: Container['variant'] = 'essential') => {
  const result = closure(
    { packagesByName: index(packages), notAutomatic: [{ archive: 'debian', suite: 'suite-2' }] },
    { variant, architecture: 'amd64' },
  );
  t.is(result.ok ? result.value.map(({ name, version }) => `${name} ${version}`).join(', ') : result.error.message, expected);
});

test(
  'essential packages, apt, and what they need',
  chosen,
  `
  dash; Essential: yes; Depends: libc6
  apt 2; Pre-Depends: libapt
  libapt; Depends: libc6 (>= 2)
  libc6 2.36
  other`,
  'apt 2, dash 1, libapt 1, libc6 2.36',
);

test(
  'build-essential in variant buildd',
  chosen,
  `
  apt
  build-essential; Depends: gcc
  gcc`,
  'apt 1, build-essential 1, gcc 1',
  'buildd',
);

test(
  'packages of priority required in that variant',
  chosen,
  `
  apt
  tzdata; Priority: required
  vim; Priority: optional`,
  'apt 1, tzdata 1',
  'required',
);

test(
  'the newest version of all suites',
  chosen,
  `
  apt 2.6.0

  apt 2.6.1~rc1

  apt 2.9`,
  'apt 2.6.1~rc1',
);

test(
  'an older version when only that one fits',
  chosen,
  `
  apt; Depends: libx (<< 2)
  libx 1.5

  libx 2.0`,
  'apt 1, libx 1.5',
);

test(
  'the first alternative that exists',
  chosen,
  `
  apt; Depends: gone | there | later
  there
  later`,
  'apt 1, there 1',
);

test(
  'an alternative that is there anyway, whatever the order',
  chosen,
  `
  apt; Depends: first | second
  bash; Essential: yes; Depends: second
  first
  second`,
  'apt 1, bash 1, second 1',
);

test(
  'usr-is-merged before usrmerge',
  chosen,
  `
  apt; Depends: usrmerge | usr-is-merged
  usrmerge
  usr-is-merged`,
  'apt 1, usr-is-merged 1',
);

test(
  'a provider of the highest priority',
  chosen,
  `
  apt; Depends: awk
  a-awk; Priority: optional; Provides: awk
  mawk; Priority: required; Provides: awk`,
  'apt 1, mawk 1',
);

test(
  'of equal providers the first by name',
  chosen,
  `
  apt; Depends: mta
  postfix; Provides: mta
  exim; Provides: mta`,
  'apt 1, exim 1',
);

test(
  'a provided version counts for a versioned relation',
  chosen,
  `
  apt; Depends: libx (>= 2)
  old; Provides: libx (= 1)
  none; Provides: libx
  new; Provides: libx (= 2.1)`,
  'apt 1, new 1',
);

test(
  'an alternative that conflicts with what is chosen is passed over',
  chosen,
  `
  apt; Depends: a | b
  dash; Essential: yes; Conflicts: a
  a
  b`,
  'apt 1, b 1, dash 1',
);

test(
  'a package may conflict with what it provides itself',
  chosen,
  `
  apt; Depends: exim
  exim; Provides: mta; Conflicts: mta`,
  'apt 1, exim 1',
);

test(
  'a conflict that cannot be avoided',
  chosen,
  `
  apt; Breaks: dash (<< 2)
  dash; Essential: yes`,
  'variant essential needs dash, and each that would do conflicts with another package of the base system',
);

test(
  'a conflict with a newer version only',
  chosen,
  `
  apt; Breaks: dash (>> 2)
  dash; Essential: yes`,
  'apt 1, dash 1',
);

test(
  'a package that is not there',
  chosen,
  `
  apt; Depends: libc6 (>= 3) | gone
  libc6 2`,
  'apt needs libc6 (>= 3) | gone, which no package of the archive is or provides',
);

test(
  'a package of another architecture does not do',
  chosen,
  `
  apt; Depends: python3:i386 | python3:any
  python3`,
  'apt 1, python3 1',
);

test(
  'packages that need each other',
  chosen,
  `
  apt; Depends: b
  b; Depends: apt`,
  'apt 1, b 1',
);

test(
  'a package of backports when there is no other',
  chosen,
  `
  apt; Depends: only

  bash

  only 1~bpo`,
  'apt 1, only 1~bpo',
);
