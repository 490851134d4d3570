import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { placeOf } from '../src/base/location.ts';
import { listRecipes } from '../src/recipe/find.ts';
import { loadContainer, loadRecipe } from '../src/recipe/load.ts';
import { folderOf } from './helpers/folder.ts';

const HELLO = 'name: hello\nsources: [{debian: hello}]\n';
const BOX = 'name: box\nsuite: bookworm\n';
const PROJECT = join(import.meta.dirname, '..');

test('a recipe of two lines has every default', async (t) => {
  await using project = await folderOf({ 'recipes/hello/recipe.yaml': HELLO });
  const recipe = await loadRecipe('hello', { root: project.path });
  t.true(recipe.ok);
  if (!recipe.ok) return;
  const { container, steps, outputs, epoch, resources, permissions, patches, environment } = recipe.value;
  t.like(container, { name: 'bookworm', suite: 'bookworm', variant: 'buildd' });
  t.deepEqual(steps, [
    { name: 'build', run: 'dpkg-buildpackage --build=binary --unsigned-source --unsigned-changes', timeoutSeconds: 3600, user: 'builder' },
  ]);
  t.deepEqual(outputs, ['*.deb', '*.udeb', '*.ddeb', '*.buildinfo', '*.changes']);
  t.deepEqual(epoch, { kind: 'changelog' });
  t.deepEqual(resources, { memoryBytes: 4 * 2 ** 30, cpus: undefined, diskBytes: 10 * 2 ** 30, timeSeconds: 3600 });
  t.deepEqual({ permissions, patches, environment }, { permissions: [], patches: [], environment: {} });
});

test('everything that a recipe can say', async (t) => {
  const digest = sha256('x');
  await using project = await folderOf({
    'a/recipe.yaml': `name: a
container: box.yaml
sources:
  - dsc: https://example.org/a.dsc
    sha256: ${digest}
  - tarball: https://example.org/a.tar.gz
    sha256: ${digest}
    directory: modules
  - folder: src
patches: [{path: patches, directory: modules}]
build-depends: ["debhelper (>= 13)"]
environment: {DEB_BUILD_OPTIONS: nocheck, V: ""}
steps:
  - {name: one, run: make, time-limit: 10m, user: root}
outputs: ["*.deb"]
epoch: {fixed: 2024-01-01T00:00:00Z}
resources: {memory: 1GiB, cpus: 2, disk: 2GB, time: 1h30m}
permissions: {memory: 16GiB, capabilities: [SYS_PTRACE], devices: [/dev/kvm]}
`,
    'a/box.yaml': BOX,
    'a/src/x': 'x',
    'a/patches/series': '',
  });
  const recipe = await loadRecipe('a/recipe.yaml', { root: project.path });
  t.true(recipe.ok);
  if (!recipe.ok) return;
  t.like(recipe.value, {
    patches: [{ path: join(project.path, 'a/patches'), directory: 'modules' }],
    buildDepends: ['debhelper (>= 13)'],
    environment: { DEB_BUILD_OPTIONS: 'nocheck', V: '' },
    steps: [{ name: 'one', run: 'make', timeoutSeconds: 600, user: 'root' }],
    epoch: { kind: 'fixed', seconds: 1704067200 },
    resources: { memoryBytes: 16 * 2 ** 30, cpus: 2, diskBytes: 2e9, timeSeconds: 5400 },
    permissions: [
      { name: 'memory', bytes: 16 * 2 ** 30 },
      { name: 'capability', capability: 'SYS_PTRACE' },
      { name: 'device', path: '/dev/kvm' },
    ],
  });
  t.deepEqual(
    recipe.value.sources.map(({ kind }) => kind),
    ['dsc', 'tarball', 'folder'],
  );
  t.like(recipe.value.sources[2], { path: join(project.path, 'a/src') });
});

test('a folder with debian/control is built like a Debian package', async (t) => {
  await using project = await folderOf({ 'recipe.yaml': 'name: x\nsources: [{folder: .}]\n', 'debian/control': 'Source: x\n' });
  const recipe = await loadRecipe('./recipe.yaml', { root: project.path });
  t.true(recipe.ok && recipe.value.steps[0]?.name === 'build' && recipe.value.epoch.kind === 'changelog');
});

const refused = test.macro(async (t, files: Record<string, string>, name: string, expected: string[]) => {
  await using project = await folderOf(files);
  const recipe = await loadRecipe(name, { root: project.path });
  t.false(recipe.ok);
  if (recipe.ok) return;
  t.is(recipe.error.kind, 'usage');
  t.deepEqual(
    (recipe.error.others ?? [recipe.error]).map(({ at, reason }) => `${at ? `${placeOf(at)} ` : ''}${reason}`),
    expected,
  );
});
const one = (text: string) => ({ 'recipes/x/recipe.yaml': text });

test('an unknown recipe', refused, one(HELLO), 'y', ['unknown-recipe']);
test('a path without a recipe', refused, {}, './x', ['unknown-recipe']);
test('a recipe in a folder of another name', refused, one(HELLO), 'x', ['recipes/x/recipe.yaml:1:7 name-differs']);
test('an unknown container', refused, one('name: x\nsources: [{debian: hello}]\ncontainer: bokworm\n'), 'x', [
  'recipes/x/recipe.yaml:3:12 unknown-container',
]);
test('a recipe without sources', refused, one('name: x\n'), 'x', ['recipes/x/recipe.yaml:1:1 missing-key']);
test('a tarball without steps', refused, one(`name: x\nsources: [{tarball: "https://example.org/a.tar", sha256: ${sha256('x')}}]\n`), 'x', [
  'recipes/x/recipe.yaml:1:1 missing-key',
]);
test(
  'what only the disk can tell, all at once',
  refused,
  one('name: x\nsources: [{folder: gone}]\npatches: [{path: gone}]\nresources: {time: 0s}\n'),
  'x',
  ['recipes/x/recipe.yaml:2:20 folder-missing', 'recipes/x/recipe.yaml:3:18 series-missing', 'recipes/x/recipe.yaml:4:19 bad-value'],
);
test(
  'patches that are not there',
  refused,
  {
    ...one('name: x\nsources: [{debian: hello}]\npatches: [{path: p}, {path: q}]\n'),
    'recipes/x/p/series': '# one\n\na.patch -p1\nb.patch\n',
    'recipes/x/p/a.patch': '',
    'recipes/x/q/series': '../p/a.patch',
  },
  'x',
  ['recipes/x/recipe.yaml:3:18 patch-missing', 'recipes/x/recipe.yaml:3:29 patch-missing'],
);
test(
  'variables that a build owns',
  refused,
  one('name: x\nsources: [{debian: hello}]\nenvironment:\n  HOME: /x\n  LC_ALL: C\n  DEB_BUILD_OPTIONS: nocheck parallel=4\n'),
  'x',
  ['recipes/x/recipe.yaml:4:3 owned-variable', 'recipes/x/recipe.yaml:5:3 owned-variable', 'recipes/x/recipe.yaml:6:3 owned-variable'],
);
test('two steps of one name', refused, one('name: x\nsources: [{debian: hello}]\nsteps: [{name: a, run: b}, {name: a, run: c}]\n'), 'x', [
  'recipes/x/recipe.yaml:3:35 step-twice',
]);
test(
  'a recipe that extends itself',
  refused,
  { 'recipes/x/recipe.yaml': 'name: x\nextends: y\n', 'recipes/y/recipe.yaml': 'name: y\nextends: x\n' },
  'x',
  ['recipes/y/recipe.yaml:2:10 extends-cycle'],
);
test(
  'a problem in what is extended is shown there',
  refused,
  { 'recipes/x/recipe.yaml': 'name: x\nextends: y\n', 'recipes/y/recipe.yaml': 'nam: y\n' },
  'x',
  ['recipes/y/recipe.yaml:1:1 unknown-key'],
);
test(
  'a chain without an end',
  refused,
  Object.fromEntries(
    Array.from({ length: 20 }, (_, number) => [`recipes/x${number}/recipe.yaml`, `name: x${number}\nextends: x${number + 1}\n`]),
  ),
  'x0',
  ['recipes/x10/recipe.yaml:2:10 extends-depth'],
);
test('null that takes nothing away', refused, one('name: x\nsources: [{debian: hello}]\nenvironment: {A: null}\nsteps: {b: null}\n'), 'x', [
  'recipes/x/recipe.yaml:3:15 nothing-to-remove',
  'recipes/x/recipe.yaml:4:9 nothing-to-remove',
]);

test('a recipe that extends another', async (t) => {
  await using project = await folderOf({
    'recipes/base/recipe.yaml': `${HELLO.replace('hello', 'base')}environment: {A: a, B: b}\nresources: {memory: 1GiB, cpus: 2}\nsteps: [{name: one, run: a}, {name: two, run: b, time-limit: 5m}]\noutputs: [a, b]\npatches: [{path: patches}]\n`,
    'recipes/base/patches/series': '',
    'recipes/top/recipe.yaml':
      'name: top\nextends: base\nenvironment: {B: null, C: c}\nresources: {cpus: 4}\nsteps: {two: {run: c}, one: null, three: {run: d}}\noutputs: [c]\n',
  });
  const recipe = await loadRecipe('top', { root: project.path });
  t.true(recipe.ok);
  if (!recipe.ok) return;
  t.is(recipe.value.name, 'top');
  t.deepEqual(recipe.value.environment, { A: 'a', C: 'c' });
  t.like(recipe.value.resources, { memoryBytes: 2 ** 30, cpus: 4 });
  t.deepEqual(
    recipe.value.steps.map(({ name, run, timeoutSeconds }) => [name, run, timeoutSeconds]),
    [
      ['two', 'c', 300],
      ['three', 'd', 3600],
    ],
  );
  t.deepEqual(recipe.value.outputs, ['c']);
  t.deepEqual(recipe.value.patches, [{ path: join(project.path, 'recipes/base/patches'), directory: undefined }]);
});

test('the default step can be changed by its name', async (t) => {
  await using project = await folderOf({ 'recipes/hello/recipe.yaml': `${HELLO}steps: {build: {time-limit: 5m}}\n` });
  const recipe = await loadRecipe('hello', { root: project.path });
  t.is(recipe.ok ? recipe.value.steps[0]?.timeoutSeconds : undefined, 300);
});

test('containers next to the recipe come before those of the project, and those before the ones of the tool', async (t) => {
  await using project = await folderOf({ 'far/recipe.yaml': HELLO });
  const suite = async () => {
    const recipe = await loadRecipe('./far', { root: project.path });
    return recipe.ok ? recipe.value.container.path : recipe.error.message;
  };
  t.is(await suite(), join(PROJECT, 'containers/bookworm.yaml'));
  await project.write({ 'containers/bookworm.yaml': 'name: bookworm\nsuite: trixie\n' });
  t.is(await suite(), join(project.path, 'containers/bookworm.yaml'));
  await project.write({ 'far/containers/bookworm.yaml': 'name: bookworm\nsuite: sid\n' });
  t.is(await suite(), join(project.path, 'far/containers/bookworm.yaml'));
});

test('the digest follows from the content alone', async (t) => {
  const files = {
    'recipes/hello/recipe.yaml': `${HELLO.replace('debian: hello', 'folder: src')}container: box\nsteps: [{name: a, run: b}]\npatches: [{path: p}]\n`,
    'recipes/hello/src/x': 'x',
    'recipes/hello/p/series': 'a.patch\n',
    'recipes/hello/p/a.patch': '',
    'recipes/hello/p/b.patch': '',
    'containers/box.yaml': `${BOX}archives: [{name: own, url: "https://example.org", suite: s, components: [main], keyring: own.asc}]\n`,
    'containers/own.asc': 'key',
  };
  await using first = await folderOf(files);
  await using second = await folderOf({
    ...files,
    'recipes/hello/recipe.yaml': `# a comment\n${files['recipes/hello/recipe.yaml'].replaceAll('\n', '\r\n')}`,
    'recipes/hello/src/.git/HEAD': 'x',
  });
  const digest = async (root: string) => {
    const recipe = await loadRecipe('hello', { root });
    return recipe.ok ? recipe.value.digest : recipe.error.message;
  };
  const before = await digest(first.path);
  t.is(await digest(second.path), before);
  const changes: Record<string, string> = {
    'recipes/hello/src/x': 'y',
    'recipes/hello/p/series': 'b.patch\n',
    'containers/own.asc': 'another key',
    'containers/box.yaml': files['containers/box.yaml'].replace('main', 'contrib'),
    'recipes/hello/recipe.yaml': files['recipes/hello/recipe.yaml'].replace('run: b', 'run: c'),
  };
  for (const [name, text] of Object.entries(changes)) {
    await using changed = await folderOf({ ...files, [name]: text });
    t.not(await digest(changed.path), before, name);
  }
});

test('an archive needs its keyring, and components unless it is flat', async (t) => {
  await using project = await folderOf({
    'containers/box.yaml': `${BOX}archives:\n  - {name: a, url: "https://example.org", suite: s, keyring: gone}\n  - {name: a, url: "https://example.org", suite: ./, components: [main], keyring: ../k}\n`,
    k: 'key',
  });
  const container = await loadContainer('box', { root: project.path });
  t.deepEqual(container.ok ? [] : container.error.others?.map(({ reason }) => reason), [
    'archive-components',
    'keyring-missing',
    'archive-twice',
    'archive-components',
  ]);
});

test('a recipe is not read through a folder or a device', async (t) => {
  await using project = await folderOf({});
  await mkdir(join(project.path, 'recipes/x/recipe.yaml'), { recursive: true });
  await symlink('/dev/zero', join(project.path, 'zero.yaml'));
  for (const name of ['x', './zero.yaml']) {
    const recipe = await loadRecipe(name, { root: project.path });
    t.is(recipe.ok ? '' : recipe.error.reason, 'unknown-recipe');
  }
  await cp(join(PROJECT, 'recipes/hello'), join(project.path, 'recipes/hello'), { recursive: true });
  t.deepEqual(await readdir(join(project.path, 'recipes')), ['hello', 'x']);
  t.deepEqual(await listRecipes(project.path), ['hello']);
});
