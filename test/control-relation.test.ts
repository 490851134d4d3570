import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { matchesArchitecture } from '../src/control/architecture.ts';
import { applies, formatRelation, parseRelation, parseRelations, satisfies } from '../src/control/relation.ts';
import { compareVersions, parseVersion } from '../src/control/version.ts';

const ordered = test.macro((t, ...versions: string[]) => {
  for (const [i, a] of versions.entries())
    for (const [j, b] of versions.entries()) t.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} against ${b}`);
});

test('Policy 5.6.12: the tilde comes before the end', ordered, '1.0~~', '1.0~~a', '1.0~', '1.0', '1.0a');
test('letters come before other signs', ordered, '1', '1a', '1b', '1+', '1.');
test('numbers are numbers', ordered, '1.2', '1.9', '1.10', '1.0100', '1.99999999999999999999', '1.100000000000000000000');
test('the epoch wins', ordered, '9.9-9', '1:0', '2:0~', '10:0');
test('revisions', ordered, '1-0+deb12u1', '1-1~bpo12+1', '1-1', '1-1+b1', '1-1.1', '1-1-1', '1.1-1');
test('backports and security updates', ordered, '2.36-9+deb12u8~1', '2.36-9+deb12u8', '2.36-9+deb12u10', '2.36-10');

const same = test.macro((t, a: string, b: string) => t.is(compareVersions(a, b), 0));
test('no epoch is epoch 0', same, '1.0-1', '0:1.0-1');
test('no revision is revision 0', same, '1.0', '1.0-0');
test('zeros in front mean nothing', same, '1.002-01', '1.2-1');

test('an order of versions is an order', (t) => {
  const version = fc
    .array(fc.constantFrom('0', '1', '9', '10', 'a', 'b', '~', '+', '.', '-', ':'), { maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      const sign = (x: string, y: string) => Math.sign(compareVersions(x, y));
      return sign(a, b) === -sign(b, a) && (sign(a, b) > 0 || sign(b, c) > 0 || sign(a, c) <= 0);
    }),
  );
  t.pass();
});

const versionIs = test.macro((t, text: string, expected: ReturnType<typeof parseVersion>) => t.deepEqual(parseVersion(text), expected));
test('all parts of a version', versionIs, '1:2.3-rc1-4', { epoch: 1, upstream: '2.3-rc1', revision: '4' });
test('a native version', versionIs, '12.4+deb12u5', { epoch: 0, upstream: '12.4+deb12u5', revision: '' });
for (const text of ['', '1_0', '1.0-', ':1', 'a:1', '1:', '1 0', '-1', 'ä']) test(`"${text}" is no version`, versionIs, text, undefined);

const reads = test.macro((t, text: string, expected: string) => {
  const parsed = parseRelations({ name: 'control', text }, text, 0);
  t.is(parsed.ok ? parsed.value.map((all) => all.map(formatRelation).join(' | ')).join(', ') : parsed.error.message, expected);
});
test('one package', reads, 'libc6', 'libc6');
test('alternatives', reads, 'a|b (>=1) ,\n c', 'a | b (>= 1), c');
test(
  'everything at once',
  reads,
  'gcc-12:native(>=12.2)[linux-any  !i386]<!nocheck><stage1 cross>',
  'gcc-12:native (>= 12.2) [linux-any !i386] <!nocheck> <stage1 cross>',
);
test('a comma at the end', reads, 'a,\n', 'a');
test('old operators', reads, 'a (< 1), b (> 1)', 'a (<= 1), b (>= 1)');

const refuses = test.macro((t, text: string, places: string[]) => {
  const parsed = parseRelations({ name: 'control', text }, text, 0);
  const failures = parsed.ok ? [] : [parsed.error, ...(parsed.error.others ?? [])];
  t.deepEqual(
    failures.map(({ at }) => at && placeOf(at)),
    places,
  );
});
test('every broken relation is found', refuses, 'a,\n b (1),\n c | d (>= 1_2) | e', ['control:2:2', 'control:3:6']);
test('an empty alternative', refuses, 'a | | b', ['control:1:5']);
test('a substitution variable', refuses, 'a, $' + '{shlibs:Depends}', ['control:1:4']);
test('an operator that there is not', refuses, 'a (== 1)', ['control:1:1']);
test('a bracket that is open', refuses, 'a [amd64', ['control:1:1']);

test('any text gives relations or a failure', (t) => {
  const sign = fc.constantFrom('a', '1', ' ', '(', ')', '[', ']', '<', '>', '!', '|', ',', '=', ':', '\n', '-');
  fc.assert(
    fc.property(
      fc.array(sign, { maxLength: 60 }),
      (signs) => parseRelations({ name: 'x', text: signs.join('') }, signs.join(''), 0).ok !== undefined,
    ),
  );
  t.pass();
});

const holds = test.macro((t, relation: string, yes: string[], no: string[]) => {
  const parsed = parseRelation(relation);
  if (parsed === undefined) return t.fail();
  for (const version of yes) t.true(satisfies(version, parsed), `${version} for ${relation}`);
  for (const version of no) t.false(satisfies(version, parsed), `${version} for ${relation}`);
});
test('any version', holds, 'a', ['0', '1:9'], []);
test('<<', holds, 'a (<< 2)', ['1', '2~'], ['2', '3']);
test('<=', holds, 'a (<= 2)', ['1', '2', '2-0'], ['2-1', '3']);
test('=', holds, 'a (= 2)', ['2', '0:2'], ['2-1', '1']);
test('>=', holds, 'a (>= 2)', ['2', '1:0'], ['2~rc1']);
test('>>', holds, 'a (>> 2)', ['2-1', '3'], ['2']);

const counts = test.macro((t, relation: string, architecture: string, profiles: string[], expected: boolean) => {
  const parsed = parseRelation(relation);
  t.is(parsed && applies(parsed, { architecture, profiles }), expected);
});
test('without restrictions', counts, 'a', 'amd64', [], true);
test('on a named architecture', counts, 'a [i386 amd64]', 'amd64', [], true);
test('on another architecture', counts, 'a [i386]', 'amd64', [], false);
test('not on a named architecture', counts, 'a [!amd64 !i386]', 'amd64', [], false);
test('not on others', counts, 'a [!i386]', 'amd64', [], true);
test('without a profile', counts, 'a <!nocheck>', 'amd64', [], true);
test('with the profile that it is not for', counts, 'a <!nocheck>', 'amd64', ['nocheck'], false);
test('with one of two lists', counts, 'a <stage1 cross> <!nodoc>', 'amd64', ['nodoc', 'stage1', 'cross'], true);
test('with half of a list', counts, 'a <stage1 cross>', 'amd64', ['stage1'], false);

// As Dpkg::Arch::debarch_is of dpkg 1.21.22 says.
const means = test.macro((t, pattern: string, yes: string[], no: string[]) => {
  for (const name of yes) t.true(matchesArchitecture(name, pattern), `${name} for ${pattern}`);
  for (const name of no) t.false(matchesArchitecture(name, pattern), `${name} for ${pattern}`);
});
test('any', means, 'any', ['amd64', 'hurd-i386'], ['all', 'source']);
test('all', means, 'all', ['all'], ['amd64']);
test('linux-any', means, 'linux-any', ['amd64', 'armhf', 'x32', 'musl-linux-amd64'], ['hurd-i386', 'kfreebsd-amd64']);
test('any-amd64', means, 'any-amd64', ['amd64', 'x32', 'kfreebsd-amd64'], ['i386']);
test('any-arm', means, 'any-arm', ['armel', 'armhf'], ['arm64']);
test('gnu-any-any', means, 'gnu-any-any', ['amd64', 'hurd-i386'], ['musl-linux-amd64', 'openbsd-amd64']);
test('a whole name', means, 'linux-amd64', ['amd64'], ['x32']);
