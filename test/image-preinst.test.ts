import test from 'ava';
import fc from 'fast-check';
import { KNOWN_PREINSTS } from '../src/image/known-preinsts.ts';
import { doesNothing } from '../src/image/preinst.ts';

const nothing = test.macro((t, script: string, expected: boolean) => {
  t.is(doesNothing(script), expected);
});

const HELPERS = `#!/bin/sh
set -e
# Automatically added by dh_installdeb/13.11.4
dpkg-maintscript-helper rm_conffile /etc/apt/apt.conf.d/20changelog 1.2.4\\~ -- "$@"
dpkg-maintscript-helper symlink_to_dir /usr/share/doc/perl-base perl 5.30.0-1 perl-base -- "$@"
# End automatically added section
`;
const INIT = `#!/bin/sh
set -e
# Automatically added by dh_installinit/13.11.4
if [ "$1" = "install" ] && [ -n "$2" ] && [ -e "/etc/init.d/dbus" ] ; then
	chmod +x "/etc/init.d/dbus" >/dev/null || true
fi
# End automatically added section
`;

test('what debhelper generates for upgrades does nothing', nothing, HELPERS, true);
test('what debhelper generates for init scripts does nothing', nothing, INIT, true);
test('an empty script does nothing', nothing, '#! /bin/sh -e\n\nexit 0\n', true);
test('an unknown command may do anything', nothing, `${HELPERS}adduser --system foo\n`, false);
test('a helper with a substitution may do anything', nothing, HELPERS.replace('1.2.4', '$(touch /x)'), false);
test('a helper that is followed by a command may do anything', nothing, HELPERS.replaceAll('-- "$@"', '-- "$@"; touch /x'), false);
test('another command of the helper may do anything', nothing, HELPERS.replace('rm_conffile', 'supports'), false);
test('a condition without its end may do anything', nothing, INIT.replace('fi\n', ''), false);
test('a condition of another form may do anything', nothing, INIT.replace('-n', '-z'), false);
test('a script of another shell may do anything', nothing, HELPERS.replace('/bin/sh', '/usr/bin/perl'), false);
test('a here-document may do anything', nothing, '#!/bin/sh\ncat >/etc/passwd <<EOF\n#\nEOF\n', false);

test('a line of any other form makes a script unknown', (t) => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((line) => !/^\s*(#.*)?$|^(set -eu?|exit 0)\s*$/.test(line)),
      (line) => {
        t.false(doesNothing(`${HELPERS}${line}\n`));
      },
    ),
  );
});

test('every known script has its digest and a reason', (t) => {
  for (const [digest, words] of Object.entries(KNOWN_PREINSTS)) {
    t.regex(digest, /^[0-9a-f]{64}$/);
    t.regex(words, /^[a-z0-9][a-z0-9+.-]+ \S+: .{10,}$/, digest);
  }
});
