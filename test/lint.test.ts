import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { lintChangelog } from '../src/lint/changelog.ts';
import { lintControl } from '../src/lint/control.ts';
import type { Finding } from '../src/lint/finding.ts';
import { lintKernelConfig } from '../src/lint/kernel-config.ts';
import { lintLock } from '../src/lint/lock.ts';
import { lintRecipe } from '../src/lint/recipe.ts';
import { lintRules } from '../src/lint/rules.ts';
import type { Lock } from '../src/lock/types.ts';
import { recipeOf } from './helpers/plans.ts';

const short = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule, at }) => `${at ? placeOf(at).replace(/^[^:]*:/, '') : '-'} ${rule}`);
const NOW = Date.UTC(2025, 0, 1) / 1000;

const rules = test.macro((t, line: string, ...expected: string[]) => {
  t.deepEqual(short(lintRules({ name: 'debian/rules', text: `build:\n${line}\n` })), expected);
});

test('xz with all cpus', rules, '\txz -9 -T0 file', '2:2 xz-threads');
test('xz with all cpus among other letters', rules, '\ttar c x | xz -9eT0 > y', '2:2 tar-order', '2:12 xz-threads');
test('xz options in a variable', rules, 'export XZ_OPT = -9 --threads=0', '2:8 xz-threads');
test('xz with one thread', rules, '\txz -T1 file');
test('gzip with the name', rules, '\tgzip -9 file', '2:2 gzip-name');
test('gzip behind a pipe has no file', rules, '\t@cat x | gzip > y.gz; (tar c x --sort=name | gzip -9 2>log) > z; x | gzip -9|y');
test('gzip with a file of its own behind a pipe', rules, '\tyes | gzip -9 file; false || gzip -9', '2:8 gzip-name', '2:31 gzip-name');
test('gzip that reads a file as standard input', rules, '\tgzip -9 < x > y.gz', '2:2 gzip-name');
test('pigz behind a pipe', rules, '\t@cat x | pigz > y.gz', '2:11 gzip-name');
test(
  'what is wanted is said before the line',
  rules,
  '# lint: gzip-name, date-now are wanted, to show them\n\tgzip -9 x; date\n\tgzip -9 x',
  '4:2 gzip-name',
);
test('what is wanted is no other rule', rules, '# lint: gzip-name is wanted\n\tdate > x', '3:2 date-now');
test('gzip by xargs', rules, '\tfind . -print0 | xargs -0 gzip -9', '2:28 gzip-name');
test('gzip without the name', rules, '\tgzip -9n file; gzip --no-name x; gzip -d x; find . | xargs gzip -9 -n');
test('gzip as a part of another word', rules, '\tcp x.gzip /usr/share/gzip; tar --gzip -xf y; dpkg-deb -Zgzip');
test('a command in a comment', rules, '\t# gzip -9 file `date`');
test('the present time', rules, 'NOW := $(shell date +%Y)', '2:16 date-now');
test('the present time between backticks', rules, '\techo `date` > stamp', '2:8 date-now');
test('a fixed date in a zone of its own', rules, '\tdate -d @$(SOURCE_DATE_EPOCH) > x', '2:2 date-timezone');
test('a fixed date in UTC', rules, '\tdate -u -d @$(SOURCE_DATE_EPOCH); TZ=UTC date --date=@0; date -ud "@1"');
test('a date that is a number', rules, '\tdate -d "$(DATE)" +%s');
test('date as a part of other words', rules, '\ttouch --date=@0 x; update-date; mandate x; SOURCE_DATE_EPOCH=1 date-of x');
test('a macro of the compiler', rules, 'CFLAGS += -DBUILT=__DATE__', '2:19 date-macro');
test('tar in the order of the directory', rules, '\ttar -czf x.tar.gz folder', '2:2 tar-order');
test('tar with an order, or reading, or copying', rules, '\ttar -cf x --sort=name y\n\ttar -xf x; tar cf - x | (cd y; tar xf -)');
test('who builds', rules, '\techo $$(whoami)@`hostname`', '2:10 machine-name', '2:19 machine-name');
test('names of other things', rules, '\tsed s/hostname/x/ a; echo uname; uname -m');
test('what is random', rules, '\tuuidgen > id', '2:2 random');
test('the cpu that happens to be there', rules, 'CFLAGS += -O2 -march=native', '2:15 native-cpu');

test('any text is looked at to its end, and every finding stands inside of it', (t) => {
  const words = fc.constantFrom(
    'gzip',
    'xz',
    '-T0',
    'date',
    '-d',
    '$(shell ',
    '`',
    '\n',
    '\t',
    ' ',
    '|',
    ';',
    'tar c',
    '__DATE__',
    '#',
    'é',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string())), (parts) => {
      const text = parts.join('');
      for (const { at } of lintRules({ name: 'rules', text })) {
        t.true(at !== undefined && at.start >= 0 && at.start < at.end && at.end <= text.length);
      }
    }),
  );
});

const entry = (date: string): string => `x (1.0) unstable; urgency=low\n\n  * Text.\n\n -- N <n@example.org>  ${date}\n`;

test('a changelog from the future', (t) => {
  const file = (date: string) => ({ name: 'debian/changelog', text: entry(date) });
  t.deepEqual(short(lintChangelog(file('Wed, 01 Jan 2031 00:00:00 +0000'), NOW)), ['5:1 changelog-future']);
  t.deepEqual(lintChangelog(file('Wed, 01 Jan 2025 05:00:00 +0000'), NOW), []);
  t.deepEqual(short(lintChangelog(file('some day'), NOW)), ['5:1 changelog-date']);
});

test('a control file without Rules-Requires-Root', (t) => {
  const file = (text: string) => ({ name: 'debian/control', text });
  t.deepEqual(short(lintControl(file('# a comment\nSource: x\nMaintainer: N <n@example.org>\n\nPackage: x\n'))), [
    '2:1 rules-requires-root',
  ]);
  t.deepEqual(lintControl(file('Source: x\nRules-Requires-Root: no\n')), []);
  t.deepEqual(lintControl(file('Package: x\n')), []);
});

test('a kernel configuration that cannot be the same twice', (t) => {
  const text = [
    '# CONFIG_GCOV_KERNEL is not set',
    'CONFIG_LOCALVERSION_AUTO=y',
    'CONFIG_RANDSTRUCT_NONE=y',
    'CONFIG_RANDSTRUCT_FULL=y',
    'CONFIG_MODULE_SIG_KEY="certs/signing_key.pem"',
    'CONFIG_INITRAMFS_SOURCE=""',
    'CONFIG_EXTRA_FIRMWARE="x.bin"',
    '',
  ].join('\n');
  t.deepEqual(
    lintKernelConfig({ name: '.config', text }).map(({ message, at }) => `${at && placeOf(at)} ${message.split(':')[0]}`),
    [
      '.config:2:1 CONFIG_LOCALVERSION_AUTO',
      '.config:4:1 CONFIG_RANDSTRUCT_FULL',
      '.config:5:1 CONFIG_MODULE_SIG_KEY',
      '.config:7:1 CONFIG_EXTRA_FIRMWARE',
    ],
  );
});

const lockOf = (over: Partial<Lock>): Lock =>
  ({
    name: 'x',
    twinbuild: '0.1.0',
    epoch: NOW - 9e6,
    imageEpoch: NOW - 1e6,
    suites: [{ suite: 'bookworm', date: '2024-06-01T00:00:00Z' }],
    ...over,
  }) as unknown as Lock;
const locks = test.macro((t, over: Partial<Lock>, ...expected: string[]) => {
  const file = { name: 'recipe.lock', text: '{\n  "twinbuild": "0",\n  "epoch": 1,\n  "imageEpoch": 2,\n  "suite": "bookworm"\n}\n' };
  t.deepEqual(short(lintLock(lockOf(over), file, { nowSeconds: NOW, toolVersion: '0.1.0' })), expected);
});
test('a lock whose dates fit', locks, {});
test('a lock from the future', locks, { epoch: NOW + 1e6 }, '3:3 epoch-future');
test('a lock that is older than its package', locks, { epoch: NOW - 1000 }, '3:3 epoch-after-archive');
test('a lock of a newer tool', locks, { twinbuild: '0.10.0' }, '2:3 lock-newer');

test('a source without a version, and the script of a step, are shown where they stand', (t) => {
  const text = 'name: x\nsources:\n  - debian: hello-doc\n  - debian: hello\nsteps:\n  - name: b\n    run: |\n      make\n      gzip x\n';
  const steps = [{ name: 'b', run: 'make\ngzip x\n', timeoutSeconds: 1, user: 'builder' as const }];
  const sources = [
    { kind: 'debian' as const, name: 'hello-doc', version: '1' },
    { kind: 'debian' as const, name: 'hello', version: undefined },
  ];
  t.deepEqual(short(lintRecipe(recipeOf({ file: { name: 'recipe.yaml', text }, sources, steps }))), [
    '4:13 unpinned-source',
    '9:7 gzip-name',
  ]);
});
