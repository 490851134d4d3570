import test from 'ava';
import { checkFit } from '../src/lock/fit.ts';
import { fieldsFor } from '../src/lock/wish.ts';

const FITS: readonly (readonly [readonly string[], 'binary' | 'any' | 'all', boolean])[] = [
  [['any'], 'binary', true],
  [['all'], 'binary', true],
  [['i386', 'linux-any'], 'any', true],
  [['i386', 'all'], 'binary', true],
  [['i386', 'all'], 'any', false],
  [['any'], 'all', false],
  [['arm64', 'hurd-any'], 'binary', false],
  [[], 'all', true],
];
for (const [architectures, build, fits] of FITS) {
  test(`packages for ${architectures.join(' ') || 'nobody says what'} ${fits ? 'can' : 'cannot'} be built on amd64 with --build=${build}`, (t) => {
    t.is(checkFit({ name: 'x', architectures }, { architecture: 'amd64', build }).ok, fits);
  });
}

test('what one part needs leaves out what the other does', (t) => {
  const fields = { 'Build-Depends': 'a', 'Build-Depends-Arch': 'b', 'Build-Depends-Indep': 'c', 'Build-Conflicts-Indep': 'd' };
  t.deepEqual(fieldsFor(fields, 'any'), { 'Build-Depends': 'a', 'Build-Depends-Arch': 'b' });
  t.deepEqual(fieldsFor(fields, 'all'), { 'Build-Depends': 'a', 'Build-Depends-Indep': 'c', 'Build-Conflicts-Indep': 'd' });
  t.deepEqual(fieldsFor(fields, 'binary'), fields);
});
