import test from 'ava';
import { packageMap } from '../src/archive/packages.ts';
import { sha256 } from '../src/base/digest.ts';
import { checkComplete, packagesOf, parseSimulation, unsatisfiable } from '../src/lock/apt-words.ts';
import { controlOf, satisfyWords, type Wish } from '../src/lock/wish.ts';

const DIGEST = sha256('deb');
const PACKAGES = `Package: g++-12
Version: 1:12.2.0-14~x
Architecture: amd64
Filename: pool/main/g/gcc-12/g++-12_12.2.0-14~x_amd64.deb
Size: 7
SHA256: ${DIGEST}

Package: docs
Version: 1
Architecture: all
Filename: pool/main/d/docs/docs_1_all.deb
Size: 8
SHA256: ${DIGEST}
`;
const packagesByName = packageMap([{ archive: 'debian', suite: 'bookworm', name: 'Packages', bytes: Buffer.from(PACKAGES) }], () => {});
const LINE = `'http://archive.invalid/debian/pool/main/g/gcc-12/g%2b%2b-12_12.2.0-14%7ex_amd64.deb' g++-12_1%3a12.2.0-14~x_amd64.deb 7 SHA256:${DIGEST}`;

const chosen = test.macro((t, text: string, expected: string) => {
  const packages = packagesOf(text, { packagesByName }, 'amd64');
  t.is(packages.ok ? packages.value.map(({ name, version }) => `${name} ${version}`).join(', ') : packages.error.reason, expected);
});

test('a line is the entry of the index that it names', chosen, `Reading package lists...\n${LINE}\n`, 'g++-12 1:12.2.0-14~x');
test('no line, no package', chosen, 'Reading package lists...\n', '');
test('another digest', chosen, LINE.replace(DIGEST, sha256('other')), 'solver-mismatch');
test('another size', chosen, LINE.replace(' 7 ', ' 8 '), 'solver-mismatch');
test('another path', chosen, LINE.replace('/main/', '/contrib/'), 'solver-mismatch');
test('another archive', chosen, LINE.replace('/debian/', '/own/'), 'solver-mismatch');
test('a place that is not one of ours', chosen, LINE.replace('archive.invalid', 'archive.example'), 'solver-mismatch');
test('a hash that is too weak', chosen, LINE.replace(/SHA256:.*/, 'MD5Sum:0123'), 'solver-mismatch');
test('a line without a hash', chosen, LINE.replace(/SHA256:.*/, ''), 'solver-mismatch');

const SIMULATION = `Inst docs (1 Debian:12/stable [all]) []
Inst base-files [12.4] (12.5 Debian:12/stable [amd64])
Remv usrmerge [37]
Conf docs (1 Debian:12/stable [all])
`;

test('what apt would do', (t) => {
  t.deepEqual(parseSimulation(SIMULATION), { installed: ['docs'], changed: ['base-files'], removed: ['usrmerge'] });
});

test('the plan and the list of files name the same packages', (t) => {
  const docs = packagesByName.get('docs') ?? [];
  const none = { installed: [], changed: [], removed: [] };
  t.true(checkComplete(docs, { ...none, installed: ['docs'] }).ok);
  t.true(checkComplete(docs, { ...none, installed: ['docs:all'] }).ok);
  t.false(checkComplete(docs, { ...none, installed: ['docs', 'lost'] }).ok);
  t.false(checkComplete(docs, none).ok);
});

const because = test.macro((t, stdout: string, stderr: string, expected: string) => {
  const failure = unsatisfiable('hello 2.10-3', { stdout, stderr });
  t.is(failure.reason, 'unsatisfiable');
  t.is(failure.kind, 'build-failed');
  t.is(failure.message, expected);
});
const UNMET = 'Some packages could not be installed.\nThe following packages have unmet dependencies:\n';
test(
  'a package that is not there',
  because,
  `${UNMET} builddeps:./ : Depends: gone but it is not installable\n`,
  'E: Unable to correct problems, you have held broken packages.\n',
  'What hello 2.10-3 needs cannot be installed together: it needs gone but it is not installable',
);
test(
  'a package that is too old',
  because,
  `${UNMET} builddeps:./ : Depends: debhelper (>= 99) but 13.11.4 is to be installed\n                 Depends: gone but it is not installable\n`,
  '',
  'What hello 2.10-3 needs cannot be installed together: it needs debhelper (>= 99) but 13.11.4 is to be installed',
);
test(
  'alternatives, of which none is there',
  because,
  `${UNMET} builddeps:./ : Depends: nosuch-a but it is not installable or\n                         nosuch-b but it is not installable\n`,
  '',
  'What hello 2.10-3 needs cannot be installed together: it needs nosuch-a but it is not installable or nosuch-b but it is not installable',
);
test(
  'a conflict',
  because,
  `${UNMET} builddeps:./ : Conflicts: make\n`,
  '',
  'What hello 2.10-3 needs cannot be installed together: it conflicts with make',
);
test(
  'a package of a package',
  because,
  `${UNMET} libx-dev : Depends: libx (= 1) but 2 is to be installed\n`,
  '',
  'What hello 2.10-3 needs cannot be installed together: libx-dev : Depends: libx (= 1) but 2 is to be installed',
);
test(
  'no more than an error',
  because,
  '',
  'E: Problem parsing dependency 20\n',
  'What hello 2.10-3 needs cannot be installed together: Problem parsing dependency 20',
);

const WISH: Wish = {
  name: 'x',
  fields: { 'Build-Depends': 'debhelper,\n gettext <!nodoc>', 'Build-Conflicts': 'bad' },
  relations: ['fakeroot', 'a1 | b1'],
  profiles: ['nodoc'],
};

test('the control file for apt has one line a field', (t) => {
  t.deepEqual(
    controlOf(WISH)
      .split('\n')
      .filter((line) => line.startsWith('Build-')),
    ['Build-Depends: debhelper, gettext <!nodoc>, fakeroot, a1 | b1', 'Build-Conflicts: bad'],
  );
});

test('nothing in a field can begin another', (t) => {
  const control = controlOf({ ...WISH, fields: { 'Build-Depends': 'x\n\nPackage: evil' } });
  t.is(control.split('\n').filter((line) => line.startsWith('Package:')).length, 1);
});

test('relations for satisfy have lost their architectures and profiles', (t) => {
  const words = satisfyWords(
    { ...WISH, relations: ['git', 'kvm [amd64]', 'qemu [arm64]', 'docs <!nodoc>', 'man <nodoc>', 'x1 [i386] | y1 (>= 2)'] },
    'amd64',
  );
  t.deepEqual(words, { ok: true, value: ['git', 'kvm', 'man', 'y1 (>= 2)'] });
});
