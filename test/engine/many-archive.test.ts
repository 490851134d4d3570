import test from 'ava';
import type { ManyReport } from '../../src/report/many.ts';
import { indexOf, ownHome } from '../helpers/lists.ts';
import { projectRig } from '../helpers/rig.ts';

/** Small ones, of C and of shell, for one architecture and for all; `make archive-run` has the long list. */
const LIST = 'source:hostname kind=C build=any\nsource:ucf kind=shell\nsource:cowsay kind=Perl time-limit=15m\n';

test('three sources of the archive, without a recipe: reproducible, and no second time', async (t) => {
  await using r = await projectRig();
  await using home = await ownHome();
  await r.write({ 'lists/small.list': LIST });
  const run = (...args: string[]) =>
    r.execWith({ environment: { TWINBUILD_HOME: home.path } }, 'repro', '--from', 'lists/small.list', ...args);
  const first = await run();
  t.is(first.status, 0, `${first.stdout}\n${first.stderr}`);
  t.regex(first.stdout, /3 packages: 3 reproducible/);
  const index = await indexOf(r, 'small');
  t.true(index.complete);
  t.deepEqual(
    index.results.map(({ name, status, kind, tries, version }) => [name, status, kind, tries.length, version !== null]),
    [
      ['hostname', 'reproducible', 'C', 1, true],
      ['ucf', 'reproducible', 'shell', 1, true],
      ['cowsay', 'reproducible', 'Perl', 1, true],
    ],
  );
  const again = await run('--offline', '--json');
  t.is(again.status, 0, again.stderr);
  t.deepEqual((JSON.parse(again.stdout) as ManyReport).results, index.results);
});
