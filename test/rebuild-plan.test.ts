import { gzipSync } from 'node:zlib';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import type { BuildRecord } from '../src/control/record.ts';
import type { Image } from '../src/image/types.ts';
import type { Lock } from '../src/lock/types.ts';
import { allowedOf, jobsOf } from '../src/rebuild/environment.ts';
import { debianPath, partOf, planRebuild, recipeOf } from '../src/rebuild/plan.ts';
import { wantsRoot } from '../src/rebuild/root.ts';
import { releaseOf } from '../src/rebuild/suites.ts';
import type { Container } from '../src/recipe/recipe.ts';
import { tinyTar } from './helpers/debs.ts';
import { emptyStore, failed, pieces, value } from './helpers/stores.ts';

const RECORD: BuildRecord = {
  source: 'hello',
  sourceVersion: '1:2.10-3',
  version: '1:2.10-3+b1',
  architectures: ['amd64'],
  buildArchitecture: 'amd64',
  hostArchitecture: undefined,
  files: [],
  installed: [{ name: 'base-files', architecture: undefined, version: '12.4+deb12u5' }],
  buildPath: '/build/reproducible-path/hello-2.10',
  environment: { DEB_BUILD_OPTIONS: 'nocheck parallel=4', LANG: 'C.UTF-8', SOURCE_DATE_EPOCH: '5', LD_PRELOAD: '/evil.so', PATH: '/evil' },
  taintedBy: [],
  buildDateSeconds: undefined,
  origin: undefined,
  changes: undefined,
};
const IMAGE: Image = {
  key: sha256('i'),
  id: `sha256:${sha256('a')}` as never,
  bashId: `sha256:${sha256('b')}` as never,
  locales: [],
  fakeTimeLibrary: undefined,
};
const CONTAINER: Container = {
  name: 'c',
  file: { name: 'c', text: '' },
  path: '/c',
  digest: sha256('c'),
  parts: {},
  suite: 'bookworm',
  components: ['main'],
  architecture: 'amd64',
  variant: 'buildd',
  packages: [],
  archives: [],
};

function planOf(over: Partial<BuildRecord> = {}, buildPath = over.buildPath ?? RECORD.buildPath ?? '') {
  const record = { ...RECORD, ...over };
  const recipe = recipeOf(record, { name: 'x.buildinfo', text: 'x' }, CONTAINER);
  const lock: Lock = {
    schema: 1,
    twinbuild: '1',
    for: 'recipe',
    name: 'hello',
    digest: recipe.digest,
    parts: {},
    architecture: 'amd64',
    epoch: 5,
    imageEpoch: 5,
    suites: [],
    packages: [],
    sources: [
      {
        kind: 'debian',
        name: 'hello',
        version: '1:2.10-3',
        files: [{ archive: 'debian', path: 'pool/hello_2.10-3.dsc', size: 1, sha256: sha256('dsc') }],
      },
    ],
  };
  return planRebuild({ record, recipe, lock, lockDigest: sha256('lock'), image: IMAGE, cpus: 2, buildPath });
}

test('a plan has the recorded path and environment, and nothing that dpkg does not record', (t) => {
  const plan = value(planOf());
  const { DEB_BUILD_OPTIONS, LANG, LC_ALL, SOURCE_DATE_EPOCH, LD_PRELOAD, PATH } = plan.environment;
  t.deepEqual(
    { DEB_BUILD_OPTIONS, LANG, LC_ALL, SOURCE_DATE_EPOCH, LD_PRELOAD },
    { DEB_BUILD_OPTIONS: 'nocheck parallel=4', LANG: 'C.UTF-8', LC_ALL: undefined, SOURCE_DATE_EPOCH: '5', LD_PRELOAD: undefined },
  );
  t.regex(PATH ?? '', /^\/usr\/local\/sbin/);
  t.is(plan.surroundings.buildPath, '/build/reproducible-path/hello-2.10');
  t.is(plan.mount, undefined);
  t.regex(plan.steps[0]?.script ?? '', /dpkg-source .*--extract .*hello_2\.10-3\.dsc \/build\/reproducible-path\/hello-2\.10/);
  t.is(plan.steps.at(-1)?.script, 'dpkg-buildpackage --build=any --unsigned-source --unsigned-changes');
});
test('a path elsewhere is where the volume is mounted once more', (t) =>
  t.is(value(planOf({}, '/home/me/src/hello-2.10')).mount, '/home/me/src'));
for (const path of ['/hello', '/usr/hello', '/usr/lib/x/hello', '/etc/hello', '/proc/self/hello']) {
  test(`no volume over ${path}`, (t) => t.is(failed(planOf({}, path)).reason, 'build-path-unusable'));
}
for (const path of ['/usr/src/hello', '/var/tmp/x/hello', '/tmp/hello', '/srv/hello', '/root/hello'])
  test(`a volume for ${path}`, (t) => t.is(value(planOf({}, path)).mount, path.slice(0, path.lastIndexOf('/'))));
test('the entry of a binNMU goes on top, whatever is in it', (t) => {
  const plan = value(
    planOf({ changes: "hello (1) sid; binary-only=yes\n\n  * It's $(here).\n\n -- A <a@b>  Sat, 09 Jul 2022 19:21:12 +0000\n" }),
  );
  const step = plan.steps.find(({ name }) => name === 'changelog');
  t.true(step?.script.includes(`'  * It'\\''s $(here).'`), step?.script);
});
test('what is built', (t) =>
  t.deepEqual([['all'], ['amd64'], ['all', 'amd64'], ['source', 'all'], ['source', 'amd64']].map(partOf), [
    'all',
    'any',
    'binary',
    'all',
    'any',
  ]));
test('jobs', (t) =>
  t.deepEqual(
    ['', 'parallel=4', 'nocheck parallel=12', 'parallel=0', 'noparallel=3'].map((options) => jobsOf({ DEB_BUILD_OPTIONS: options })),
    [undefined, 4, 12, undefined, undefined],
  ));
test('variables that are refused are named', (t) => t.deepEqual(allowedOf(RECORD.environment).refused, ['LD_PRELOAD', 'PATH']));
test('the folder of build machines', (t) => t.is(debianPath('hello', '1:2.10-3'), '/build/reproducible-path/hello-2.10'));
test('the release of a record', (t) => {
  const of = (version: string) => releaseOf({ installed: [{ name: 'base-files', architecture: undefined, version }] });
  t.deepEqual(['12.4+deb12u5', '13.8', '11.1', '99', 'x'].map(of), ['bookworm', 'trixie', 'bullseye', undefined, undefined]);
});

const root = test.macro(async (t, control: string | undefined, name: string, expected: boolean) => {
  await using s = await emptyStore();
  const tar = gzipSync(
    await tinyTar([
      { name: 'x/' },
      ...(control === undefined
        ? []
        : [{ name: name.includes('.debian.') ? 'debian/control' : './hello-1/debian/control', body: control }]),
    ]),
  );
  const added = value(await s.store.add(pieces(tar)));
  t.is(await wantsRoot([{ archive: 'debian', path: `pool/${name}`, ...added }], s.store), expected);
});
test('root is not wanted', root, 'Source: x\nRules-Requires-Root: no\n\nPackage: x\n', 'x_1.debian.tar.gz', false);
test('root is wanted', root, 'Source: x\nRules-Requires-Root: binary-targets\n', 'x_1.debian.tar.gz', true);
test('nothing is said of root', root, 'Source: x\n', 'x_1.debian.tar.gz', true);
test('a native package', root, 'Source: x\nRules-Requires-Root: no\n', 'x_1.tar.gz', false);
test('no packaging to be found', root, undefined, 'x_1.debian.tar.gz', true);
