import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { placeOf } from '../src/base/location.ts';
import { EXIT_STATUS } from '../src/base/result.ts';
import { init } from '../src/cli/init.ts';
import { buildSettings, type SettingOptions } from '../src/cli/settings.ts';
import { type TargetVerbOptions, theTargets } from '../src/cli/targets.ts';
import { makeWorld, type World } from '../src/cli/world.ts';
import { recipeYaml } from '../src/recipe/derive.ts';
import { recipeFromText } from '../src/recipe/load.ts';
import { type Rig, rig } from './helpers/rig.ts';

const CONTROL = `Source: tiny
Maintainer: Nobody <nobody@example.org>
Build-Depends: debhelper-compat (= 13)

Package: tiny
Architecture: all
Description: tiny
`;
const CHANGELOG = `tiny (1:1.0~rc1-1) unstable; urgency=medium

  * First.

 -- Nobody <nobody@example.org>  Mon, 26 Dec 2022 16:30:00 +0100
`;
const TREE = {
  'tree/debian/control': CONTROL,
  'tree/debian/changelog': CHANGELOG,
  'tree/debian/rules': '#!/usr/bin/make -f\n%:\n\tdh $@\n',
};
const file = (name: string, text: string) => ` ${sha256(text)} ${text.length} ${name}\n`;
const dsc = (over: string = '', architecture = 'all') =>
  `Format: 1.0\nSource: tiny\nBinary: tiny\nArchitecture: ${architecture}\nVersion: 1.0\nMaintainer: N <n@example.org>\n${over}Checksums-Sha256:\n${file('tiny_1.0.tar.gz', 'tar')}Files:\n 0 3 tiny_1.0.tar.gz\n`;

type Row = {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[]; // words, and the options that are known below
  readonly environment?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly says: RegExp; // on standard output when the status is 0
};

const without = (name: keyof typeof TREE): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(TREE).filter(([one]) => one !== name));
const PRINT = ['./tree'];
const ROWS: readonly Row[] = [
  { what: 'a folder with debian/', files: TREE, args: PRINT, status: 0, says: /^name: tiny\nsources:\n {2}- folder: \.\/tree\n/ },
  { what: 'the same for one part', files: TREE, args: [...PRINT, '-A'], status: 0, says: /^build: all$/m },
  {
    what: 'a local .dsc',
    files: { 'tiny_1.0.dsc': dsc() },
    args: ['tiny_1.0.dsc'],
    status: 0,
    says: /^ {2}- dsc: \.\/tiny_1\.0\.dsc$/m,
  },
  {
    what: 'a source of the archive',
    files: {},
    args: ['--source', 'hello=2.10-3'],
    status: 0,
    says: /debian: hello\n {4}version: 2\.10-3\n/,
  },
  {
    what: 'a binary-only upload of one',
    files: {},
    args: ['--source', 'hello=2.10-3+b1'],
    status: 0,
    says: /version: 2\.10-3\n[\s\S]*%s\+b1[\s\S]*binary-only=yes/,
  },
  {
    what: "the caller's options and profiles, without parallel=",
    files: TREE,
    args: PRINT,
    environment: { DEB_BUILD_OPTIONS: 'nocheck parallel=8', DEB_BUILD_PROFILES: 'nodoc' },
    status: 0,
    says: /environment:\n {2}DEB_BUILD_OPTIONS: nocheck\n {2}DEB_BUILD_PROFILES: nodoc\n/,
  },
  { what: 'no changelog', files: without('tree/debian/changelog'), args: PRINT, status: 2, says: /tree\/debian\/changelog does not exist/ },
  { what: 'no rules', files: without('tree/debian/rules'), args: PRINT, status: 2, says: /tree\/debian\/rules does not exist/ },
  {
    what: 'a changelog that is none',
    files: { ...TREE, 'tree/debian/changelog': 'hello\n' },
    args: PRINT,
    status: 2,
    says: /tree\/debian\/changelog:1:1 /,
  },
  {
    what: 'an entry without a date',
    files: { ...TREE, 'tree/debian/changelog': CHANGELOG.replace('Mon, 26', 'someday') },
    args: PRINT,
    status: 2,
    says: /tree\/debian\/changelog:5:1 /,
  },
  {
    what: 'a control that is none',
    files: { ...TREE, 'tree/debian/control': 'Source: tiny\nwhat\n' },
    args: PRINT,
    status: 2,
    says: /tree\/debian\/control:2:1 /,
  },
  {
    what: 'a control without packages',
    files: { ...TREE, 'tree/debian/control': 'Source: tiny\n' },
    args: PRINT,
    status: 2,
    says: /tree\/debian\/control:1:1 .*no paragraph/,
  },
  {
    what: 'build-dependencies that are none',
    files: { ...TREE, 'tree/debian/control': CONTROL.replace('(= 13)', '(is 13') },
    args: PRINT,
    status: 2,
    says: /tree\/debian\/control:3:16 /,
  },
  {
    what: 'two names',
    files: { ...TREE, 'tree/debian/control': CONTROL.replace('Source: tiny', 'Source: other') },
    args: PRINT,
    status: 2,
    says: /control:1:1 .*other.*tiny/,
  },
  {
    what: 'another architecture',
    files: { ...TREE, 'tree/debian/control': CONTROL.replace(': all', ': s390x hurd-any') },
    args: PRINT,
    status: 2,
    says: /tiny has no packages for amd64: they are for s390x, hurd-any/,
  },
  { what: 'nothing of that part', files: TREE, args: [...PRINT, '-B'], status: 2, says: /no packages that depend on the architecture/ },
  { what: 'a .dsc that is not there', files: {}, args: ['x.dsc'], status: 2, says: /x\.dsc does not exist/ },
  {
    what: 'a .dsc without its files',
    files: { 'x.dsc': dsc().replace(/Checksums[\s\S]*/, '') },
    args: ['x.dsc'],
    status: 2,
    says: /x\.dsc:1:1 .*SHA-256/,
  },
  {
    what: 'a .dsc with a line that is none',
    files: { 'x.dsc': dsc('what\n') },
    args: ['x.dsc'],
    status: 2,
    says: /x\.dsc:7:1 /,
  },
  {
    what: 'a signature that is cut off',
    files: { 'x.dsc': `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${dsc()}` },
    args: ['x.dsc'],
    status: 2,
    says: /x\.dsc:1:1 .*signature/,
  },
  { what: 'a profile that is none', files: TREE, args: [...PRINT, '--profile', 'No Doc'], status: 2, says: /No Doc/ },
  { what: 'nothing at all', files: {}, args: [], status: 2, says: /nothing to work on/ },
  {
    what: 'a setting for a recipe that decides itself',
    files: { 'recipes/own/recipe.yaml': 'name: own\nsources:\n  - debian: hello\n' },
    args: ['own', '-A'],
    status: 2,
    says: /--arch-all: own has a recipe/,
  },
];

const worldOf = (r: Rig, environment: Readonly<Record<string, string>> = {}): World => ({
  ...makeWorld({ directory: r.path, quiet: true }, new AbortController().signal),
  environment,
  home: join(r.path, 'home'),
  say: () => {},
});
const optionsOf = (args: readonly string[]): { readonly words: readonly string[]; readonly options: TargetVerbOptions } => ({
  words: args.filter((word, index) => !word.startsWith('-') && !args[index - 1]?.startsWith('--')),
  options: {
    ...(args.includes('-A') ? { archAll: true } : {}),
    ...(args.includes('-B') ? { archAny: true } : {}),
    ...(args.includes('--source') ? { source: [args[args.indexOf('--source') + 1] ?? ''] } : {}),
    ...(args.includes('--profile') ? { profile: [args[args.indexOf('--profile') + 1] ?? ''] } : {}),
  },
});

for (const { what, files, args, environment, status, says } of ROWS) {
  test(`a derived recipe: ${what}`, async (t) => {
    await using r = await rig();
    await r.write(files);
    const { words, options } = optionsOf(args);
    const targets = await theTargets(worldOf(r, environment), words, options);
    const subject = targets.ok ? await targets.value[0]?.read() : targets;
    if (subject?.ok) {
      t.is(status, 0);
      t.regex(subject.value.recipe.file.text, says);
    } else {
      const { kind, at, message } = subject?.error ?? {};
      t.is(kind && EXIT_STATUS[kind], status, message);
      t.regex(`${at ? placeOf(at) : ''} ${message}`, says);
    }
  });
}

const initialised = (r: Rig, words: readonly string[], options: TargetVerbOptions = {}) => init(worldOf(r), words, options);

test('init writes a recipe into debian/ that means the same, and never over one', async (t) => {
  await using r = await rig();
  await r.write(TREE);
  t.is((await initialised(r, ['./tree'])).status, 0);
  const text = await readFile(join(r.path, 'tree/debian/recipe.yaml'), 'utf8');
  t.regex(text, /- folder: \.\.$/m);
  const again = await initialised(r, ['./tree']);
  t.is(again.status, 2);
  t.is(again.failure?.reason, 'recipe-exists');
  t.is(await readFile(join(r.path, 'tree/debian/recipe.yaml'), 'utf8'), text);
});

test('init in a project writes into recipes/', async (t) => {
  await using r = await rig();
  await r.write({ 'recipes/other/recipe.yaml': 'name: other\n', 'x/tiny_1.0.dsc': dsc() });
  t.is((await initialised(r, ['x/tiny_1.0.dsc'], { source: ['hello'] })).status, 0);
  t.regex(await readFile(join(r.path, 'recipes/tiny/recipe.yaml'), 'utf8'), /- dsc: \.\.\/\.\.\/x\/tiny_1\.0\.dsc$/m);
  t.regex(await readFile(join(r.path, 'recipes/hello/recipe.yaml'), 'utf8'), /- debian: hello$/m);
});

const settings = (options: SettingOptions, environment: Readonly<Record<string, string>> = {}) => {
  const made = buildSettings({ root: '/project', environment }, options);
  return made.ok ? made.value : made.error.reason;
};

test('a profile of the command line takes the place of those of the environment', (t) => {
  const made = settings({ profile: ['nocheck'] }, { DEB_BUILD_PROFILES: 'nodoc' });
  t.deepEqual(typeof made === 'string' ? made : made.profiles, ['nocheck']);
});
test('-A and -B together are everything', (t) => {
  const made = settings({ archAll: true, archAny: true });
  t.is(typeof made === 'string' ? made : made.build, 'binary');
});

test('a version that looks like a number stays a text', async (t) => {
  const text = recipeYaml({
    name: 'x1',
    source: { debian: 'x1', version: '1.0' },
    container: 'bookworm',
    suite: 'bookworm',
    profiles: [],
    buildOptions: [],
    build: 'any',
    binNmu: 3,
  });
  const recipe = await recipeFromText({ name: 'x', text }, '/nowhere/recipe.yaml', { root: '/nowhere' });
  t.true(recipe.ok, recipe.ok ? '' : recipe.error.message);
  if (!recipe.ok) return;
  t.like(recipe.value.sources[0], { kind: 'debian', name: 'x1', version: '1.0' });
  t.deepEqual(
    recipe.value.steps.map(({ name }) => name),
    ['binnmu', 'build'],
  );
  t.regex(recipe.value.steps[1]?.run ?? '', /--build=any/);
});
