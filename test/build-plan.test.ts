import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { capabilitiesOf } from '../src/build/script.ts';
import { foldersOf } from '../src/build/workspace.ts';
import type { LockedSource } from '../src/lock/types.ts';
import { file, hello, lockOf, plans, recipeOf } from './helpers/plans.ts';

test('a Debian source is the tree, named as dpkg-source names it', (t) => {
  const [plan] = plans(recipeOf(), lockOf(hello));
  t.is(plan.surroundings.buildPath, '/build/hello-2.10');
  t.is(plan.outputRoot, '/build');
  t.deepEqual(
    plan.inputs.map(({ name }) => name),
    ['1/hello_2.10-3.dsc', '1/hello_2.10.orig.tar.gz', '1/hello_2.10-3.debian.tar.xz'],
  );
  t.deepEqual(
    plan.steps.map(({ name, workingDirectory }) => [name, workingDirectory]),
    [
      ['unpack', '/build'],
      ['build', '/build/hello-2.10'],
    ],
  );
  t.regex(
    plan.steps[0]?.script ?? '',
    /\ncd \/build\ndpkg-source --no-check --extract \/build\/inputs\/1\/hello_2\.10-3\.dsc \/build\/hello-2\.10$/,
  );
});

test('the tree is laid out before what goes into it, and patches come after', (t) => {
  const tarball: LockedSource = {
    kind: 'tarball',
    directory: 'third/party',
    files: [{ ...file('https://x.example/a%2bb.tar.gz?raw=1'), archive: 'url' }],
  };
  const recipe = recipeOf({
    sources: [
      { kind: 'tarball', url: 'https://x.example/a%2bb.tar.gz?raw=1', sha256: sha256('t'), directory: 'third/party' },
      { kind: 'debian', name: 'hello', version: undefined },
      { kind: 'folder', path: '/f', directory: undefined },
    ],
    patches: [{ path: '/p', directory: 'sub' }],
  });
  const folders = [
    { path: '/f', sha256: sha256('f'), size: 1 },
    { path: '/p', sha256: sha256('p'), size: 2 },
  ];
  const folder = { kind: 'folder', directory: undefined, sha256: sha256('f') } as LockedSource;
  const [plan] = plans(recipe, lockOf(tarball, hello, folder), [], [], folders);
  t.deepEqual(
    plan.steps.map(({ name }) => name),
    ['unpack', 'patch', 'build'],
  );
  t.deepEqual(
    plan.inputs.map(({ name }) => name).filter((name) => !name.startsWith('2/')),
    ['1/a+b.tar.gz', '3/folder.tar', 'patches-1.tar'],
  );
  const script = plan.steps[0]?.script ?? '';
  t.true(script.indexOf('dpkg-source') < script.indexOf('--strip-components=1 --directory=/build/hello-2.10/third/party'));
  t.true(script.includes('tar --extract --no-same-owner --directory=/build/hello-2.10 --file=/build/inputs/3/folder.tar'));
  t.regex(plan.steps[1]?.script ?? '', /cd \/build\/hello-2\.10\/sub\n/);
});

test('trees of git are laid out like folders, a submodule over the folder that its repository leaves for it', (t) => {
  const trees = [
    { path: '', url: 'https://example.org/a', commit: '0a'.repeat(20), size: 1, sha256: sha256('a') },
    { path: 'up/stream', url: 'https://example.org/b', commit: '0b'.repeat(20), size: 2, sha256: sha256('b') },
  ];
  const git: LockedSource = { kind: 'git', name: 'zfs', ref: 'v1', directory: 'zfs', trees };
  const asked = { name: 'zfs', commit: undefined, ref: 'v1', directory: 'zfs', submodules: { urls: {} }, lfs: undefined };
  const [plan] = plans(recipeOf({ name: 'own', sources: [{ kind: 'git', url: 'https://example.org/a', ...asked }] }), lockOf(git));
  t.deepEqual(plan.inputs, [
    { name: '1/git.tar', sha256: sha256('a'), size: 1 },
    { name: '1/submodule-1.tar', sha256: sha256('b'), size: 2 },
  ]);
  const script = plan.steps[0]?.script ?? '';
  const [first, second] = [
    /directory=(\S+zfs) --file=\/build\/inputs\/1\/git.tar/,
    /directory=(\S+zfs\/up\/stream) --file=\/build\/inputs\/1\/submodule-1.tar/,
  ];
  t.true(script.search(first) > -1 && script.search(first) < script.search(second), script);
});

test('a second Debian source lies beside the first', (t) => {
  const other: LockedSource = { ...hello, name: 'other', version: '3~rc1-1' } as LockedSource;
  const [plan] = plans(
    recipeOf({
      sources: [
        { kind: 'debian', name: 'hello', version: undefined },
        { kind: 'debian', name: 'other', version: undefined },
      ],
    }),
    lockOf(hello, other),
  );
  t.regex(plan.steps[0]?.script ?? '', /\/build\/inputs\/2\/hello_2\.10-3\.dsc '\/build\/other-3~rc1'$/);
});

test('a recipe without sources has an empty tree', (t) => {
  const [plan] = plans(recipeOf({ sources: [], name: 'empty' }), lockOf());
  t.is(plan.surroundings.buildPath, '/build/empty');
  t.regex(plan.steps[0]?.script ?? '', /mkdir -p/);
});

test('the environment is all that a step sees, with parallel in the build options', (t) => {
  const [plan] = plans(
    recipeOf({ environment: { DEB_BUILD_OPTIONS: 'nocheck terse', KBUILD_BUILD_USER: 'me', OMP_NUM_THREADS: '1' } }),
    lockOf(hello),
  );
  t.deepEqual(plan.environment, {
    SHLVL: '0',
    _: '/usr/bin/env',
    OMP_NUM_THREADS: '1',
    DEB_BUILD_OPTIONS: 'nocheck terse parallel=4',
    KBUILD_BUILD_USER: 'me',
    SOURCE_DATE_EPOCH: '1700000000',
    HOME: '/build/home',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    LANGUAGE: 'C',
    USER: 'builder',
    LOGNAME: 'builder',
  });
});

test('both builds have variables of the same names when the environment is not varied', (t) => {
  const [first, second] = plans(recipeOf(), lockOf(hello), ['environment']);
  t.deepEqual(Object.keys(second.environment), Object.keys(first.environment));
});

test('permissions are in the plan, and only those of the recipe', (t) => {
  const [plan] = plans(
    recipeOf({
      permissions: [
        { name: 'capability', capability: 'CAP_SYS_PTRACE' },
        { name: 'device', path: '/dev/kvm' },
        { name: 'memory', bytes: 9e9 },
      ],
    }),
    lockOf(hello),
  );
  t.deepEqual([plan.capabilities, plan.devices], [['CAP_SYS_PTRACE'], ['/dev/kvm']]);
  const [step] = plan.steps;
  if (!step) return t.fail();
  t.deepEqual(capabilitiesOf(plan, step), ['SYS_PTRACE']);
  t.deepEqual(capabilitiesOf(plan, { ...step, user: 'root' }), ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SYS_PTRACE']);
});

test('folders are made from the outside in, those of the build with its owner', (t) => {
  const [, second] = plans(recipeOf(), lockOf(hello), [], ['build-path']);
  t.deepEqual(
    foldersOf(second).map(({ path, owner }) => `${owner} ${path}`),
    [
      'builder /build',
      'builder /build/another-home',
      'builder /build/another-place',
      'root /build/inputs',
      'builder /build/another-home/of-the-second-builder',
      'builder /build/another-place/for-the-second-build',
      'root /build/inputs/1',
    ],
  );
});

test('the tree of a build with another clock is laid out by the true one', (t) => {
  const [first, second] = plans(recipeOf(), lockOf(hello), [], ['clock']);
  t.notRegex(first.steps[0]?.script ?? '', /LD_PRELOAD/);
  t.regex(second.steps[0]?.script ?? '', /^unset LD_PRELOAD FAKETIME .*dpkg-source --no-check --extract [^\n]*$/s);
  t.notRegex(second.steps[1]?.script ?? '', /unset/);
});

test('with another clock, a bare tree gets its patches where it is laid out', (t) => {
  const folder = { kind: 'folder', directory: undefined, sha256: sha256('f') } as LockedSource;
  const recipe = recipeOf({ sources: [{ kind: 'folder', path: '/f', directory: undefined }] });
  const folders = [{ path: '/f', sha256: sha256('f'), size: 1 }];
  const [first, second] = plans(recipe, lockOf(folder), [], ['clock'], folders);
  t.notRegex(first.steps[0]?.script ?? '', /before-build/);
  t.regex(second.steps[0]?.script ?? '', /dpkg-source --no-unapply-patches --before-build \.$/);
});
