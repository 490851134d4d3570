import test from 'ava';
import fc from 'fast-check';
import { placeOf } from '../src/base/location.ts';
import { parseRecord } from '../src/control/record.ts';
import { failed, value } from './helpers/stores.ts';

const DIGEST = 'a'.repeat(64);
const WHOLE = `Format: 1.0
Source: hello (2.10-3)
Binary: hello hello-dbgsym
Architecture: amd64
Version: 2.10-3+b1
Binary-Only-Changes:
 hello (2.10-3+b1) sid; urgency=low, binary-only=yes
 .
   * Rebuild against libc.
 .
  -- A Builder <a@example.org>  Sat, 09 Jul 2022 19:21:12 +0000
Checksums-Sha256:
 ${DIGEST} 53076 hello_2.10-3+b1_amd64.deb
Build-Origin: Debian
Build-Architecture: amd64
Build-Date: Sat, 09 Jul 2022 19:22:00 +0000
Build-Path: /build/reproducible-path/hello-2.10
Build-Tainted-By:
 merged-usr-via-aliased-dirs
 usr-local-has-programs
Installed-Build-Depends:
 autoconf (= 2.71-3),
 libc6:i386 (= 2.36-9),
 perl (= 5.36.0-7+deb12u1)
Environment:
 DEB_BUILD_OPTIONS="parallel=4"
 LANG="C.UTF-8"
 CFLAGS="-DNAME=\\"x y\\""
 SOURCE_DATE_EPOCH="1657394472"
`;

const file = (text: string) => ({ name: 'hello.buildinfo', text });

test('a whole one', (t) => {
  t.deepEqual(value(parseRecord(file(WHOLE))), {
    source: 'hello',
    sourceVersion: '2.10-3',
    version: '2.10-3+b1',
    architectures: ['amd64'],
    buildArchitecture: 'amd64',
    hostArchitecture: undefined,
    files: [{ name: 'hello_2.10-3+b1_amd64.deb', size: 53076, sha256: DIGEST as never }],
    installed: [
      { name: 'autoconf', architecture: undefined, version: '2.71-3' },
      { name: 'libc6', architecture: 'i386', version: '2.36-9' },
      { name: 'perl', architecture: undefined, version: '5.36.0-7+deb12u1' },
    ],
    buildPath: '/build/reproducible-path/hello-2.10',
    environment: { DEB_BUILD_OPTIONS: 'parallel=4', LANG: 'C.UTF-8', CFLAGS: '-DNAME="x y"', SOURCE_DATE_EPOCH: '1657394472' },
    taintedBy: ['merged-usr-via-aliased-dirs', 'usr-local-has-programs'],
    buildDateSeconds: Date.UTC(2022, 6, 9, 19, 22) / 1000,
    origin: 'Debian',
    changes:
      'hello (2.10-3+b1) sid; urgency=low, binary-only=yes\n\n  * Rebuild against libc.\n\n -- A Builder <a@example.org>  Sat, 09 Jul 2022 19:21:12 +0000\n',
  });
});

/** A field with another value, or without one. */
function having(name: string, text: string | undefined): string {
  const field = new RegExp(`^${name}:.*\\n([ \\t].*\\n)*`, 'm');
  return WHOLE.replace(field, () => (text === undefined ? '' : `${name}:${text}\n`));
}

test('without what it may leave out', (t) => {
  let text = WHOLE;
  for (const name of ['Binary-Only-Changes', 'Build-Path', 'Build-Tainted-By', 'Environment', 'Build-Date', 'Build-Origin'])
    text = text.replace(new RegExp(`^${name}:.*\\n([ \\t].*\\n)*`, 'm'), '');
  const { buildPath, taintedBy, environment, changes, buildDateSeconds } = value(parseRecord(file(text)));
  t.deepEqual(
    { buildPath, taintedBy, environment, changes, buildDateSeconds },
    { buildPath: undefined, taintedBy: [], environment: {}, changes: undefined, buildDateSeconds: undefined },
  );
});
test('a source of its own version', (t) => t.is(value(parseRecord(file(having('Source', ' hello')))).sourceVersion, '2.10-3+b1'));

const refuses = test.macro((t, text: string, place: string, words: RegExp) => {
  const failure = failed(parseRecord(file(text)));
  t.is(failure.kind, 'usage');
  t.is(failure.at && placeOf(failure.at), `hello.buildinfo:${place}`);
  t.regex(failure.message, words);
});

test('nothing', refuses, '', '1:1', /one paragraph/);
test('two paragraphs', refuses, `${WHOLE}\nFormat: 1.0\n`, '31:1', /one paragraph/);
test('no field', refuses, WHOLE.replace('Build-Origin: Debian', 'Debian'), '14:1', /not a field/);
test('a field twice', refuses, WHOLE.replace('Build-Origin: Debian', 'Source: x'), '14:1', /twice/);
test('a format of the future', refuses, having('Format', ' 2.0'), '1:1', /format/);
test('no source', refuses, having('Source', undefined), '1:1', /field Source is missing/);
test('a source that leads elsewhere', refuses, having('Source', ' ../hello'), '2:1', /source package/);
test('a source with a version that is none', refuses, having('Source', ' hello (2_1)'), '2:1', /not a Debian version/);
test('no version', refuses, having('Version', undefined), '1:1', /field Version is missing/);
test('no architecture', refuses, having('Architecture', ' '), '4:1', /architectures/);
test('built on all', refuses, having('Build-Architecture', ' all'), '15:1', /architecture on which/);
test('no checksums', refuses, having('Checksums-Sha256', undefined), '1:1', /SHA-256/);
test('a file that leads elsewhere', refuses, WHOLE.replace('53076 hello', '53076 ../hello'), '13:2', /digest, size and name/);
test('a date that is none', refuses, having('Build-Date', ' yesterday'), '16:1', /not a date/);
test('a path that leads elsewhere', refuses, having('Build-Path', ' /build/../etc'), '17:1', /absolute path/);
test('a path that is relative', refuses, having('Build-Path', ' build/x'), '17:1', /absolute path/);
test('no packages', refuses, having('Installed-Build-Depends', undefined), '1:1', /which packages/);
test('a package without a version', refuses, WHOLE.replace('autoconf (= 2.71-3)', 'autoconf'), '22:2', /autoconf does not stand there/);
test('a package in no exact version', refuses, WHOLE.replace('autoconf (= 2.71-3)', 'autoconf (>= 2.71-3)'), '22:2', /autoconf/);
test('a package or another', refuses, WHOLE.replace('autoconf (= 2.71-3)', 'autoconf (= 2.71-3) | m4 (= 1)'), '22:2', /autoconf/);
test('a package in two versions', refuses, WHOLE.replace('perl (=', 'autoconf (= 1), perl (='), '22:2', /two versions/);
test('a relation that is none', refuses, WHOLE.replace('autoconf (= 2.71-3)', 'auto conf'), '22:2', /not a relation/);
test('a variable that is none', refuses, WHOLE.replace(' LANG="C.UTF-8"', ' LANG=C'), '27:2', /not a variable/);
test('a variable twice', refuses, WHOLE.replace(' LANG="C.UTF-8"', ' DEB_BUILD_OPTIONS=""'), '27:2', /twice/);
test(
  'text behind a signature',
  refuses,
  `-----BEGIN PGP SIGNED MESSAGE-----\n\n${WHOLE}-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\nmore\n`,
  '34:1',
  /behind/,
);

test('a variable cannot reach the prototype', (t) => {
  const { environment } = value(parseRecord(file(WHOLE.replace(' LANG=', ' __proto__='))));
  t.is(Object.getPrototypeOf(environment), Object.prototype);
  t.true(Object.hasOwn(environment, '__proto__'));
});

test('whatever stands there: a record or one failure with its place, never an exception', (t) => {
  const lines = WHOLE.split('\n');
  const line = fc.oneof(
    fc.constantFrom(...lines),
    fc.string(),
    fc.constantFrom(' ', 'Installed-Build-Depends:', ' a (= 1),', 'Environment:', ' A="'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 40 }), fc.nat({ max: lines.length }), (some, at) => {
      const record = parseRecord(file([...lines.slice(0, at), ...some, ...lines.slice(at)].join('\n')));
      if (record.ok) t.true(record.value.installed.every(({ name, version }) => /^[A-Za-z0-9]/.test(name) && version !== ''));
      else t.true(record.error.kind === 'usage' && record.error.at !== undefined, JSON.stringify(record.error.reason));
    }),
  );
});

test('what was recorded is read again', (t) => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9+.-]{1,20}$/);
  const version = fc.stringMatching(/^[0-9]{1,3}\.[0-9a-z]{1,4}(-[0-9]{1,2})?$/);
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, version), { minLength: 1, maxLength: 30, selector: ([one]) => one }), (all) => {
      const text = having('Installed-Build-Depends', `\n${all.map(([one, its]) => ` ${one} (= ${its})`).join(',\n')}`);
      t.deepEqual(
        value(parseRecord(file(text))).installed.map((one) => [one.name, one.version]),
        all.map(([one, its]) => [one, its]),
      );
    }),
  );
});
