import test from 'ava';
import { placeOf } from '../src/base/location.ts';
import { EXIT_STATUS } from '../src/base/result.ts';
import { type TargetVerbOptions, theTargets } from '../src/cli/targets.ts';
import { CHANGELOG, CONTROL, dsc, TREE, worldOf } from './helpers/derived.ts';
import { rig } from './helpers/rig.ts';

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
    says: /version: 2\.10-3\n[\s\S]*\nbuild: any\n[\s\S]*%s\+b1[\s\S]*binary-only=yes[\s\S]*--build=any/,
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
    what: 'a name that is a folder here',
    files: TREE,
    args: ['tree'],
    status: 2,
    says: /no recipe called tree.*`\.\/tree` is the folder of that name/,
  },
  {
    what: 'a name that is none',
    files: {},
    args: ['hello'],
    status: 2,
    says: /no recipe called hello.*`--source hello` is the source package/,
  },
  {
    what: 'memory that is no size',
    files: TREE,
    args: [...PRINT, '--memory', 'much'],
    status: 2,
    says: /`resources\.memory` must be a size/,
  },
  {
    what: 'more memory',
    files: TREE,
    args: [...PRINT, '--memory', '8GiB'],
    status: 0,
    says: /resources:\n {2}time: 6h\n {2}memory: 8GiB\n/,
  },
  {
    what: 'an odd profile of the environment, where a recipe decides',
    files: { 'recipes/own/recipe.yaml': 'name: own\nsources:\n  - debian: hello\n' },
    args: ['own'],
    environment: { DEB_BUILD_PROFILES: 'No,Doc' },
    status: 0,
    says: /debian: hello/,
  },
  {
    what: 'a setting for a recipe that decides itself',
    files: { 'recipes/own/recipe.yaml': 'name: own\nsources:\n  - debian: hello\n' },
    args: ['own', '-A'],
    status: 2,
    says: /--arch-all: own has a recipe/,
  },
];

const optionsOf = (args: readonly string[]): { readonly words: readonly string[]; readonly options: TargetVerbOptions } => ({
  words: args.filter((word, index) => !word.startsWith('-') && !args[index - 1]?.startsWith('--')),
  options: {
    ...(args.includes('-A') ? { archAll: true } : {}),
    ...(args.includes('-B') ? { archAny: true } : {}),
    ...(args.includes('--source') ? { source: [args[args.indexOf('--source') + 1] ?? ''] } : {}),
    ...(args.includes('--memory') ? { memory: args[args.indexOf('--memory') + 1] ?? '' } : {}),
    ...(args.includes('--profile') ? { profile: [args[args.indexOf('--profile') + 1] ?? ''] } : {}),
  },
});

for (const { what, files, args, environment, status, says } of ROWS) {
  test(`a derived recipe: ${what}`, async (t) => {
    await using r = await rig();
    await r.write(files);
    const { words, options } = optionsOf(args);
    const targets = await theTargets(await worldOf(r, environment), words, options);
    const subject = targets.ok ? await targets.value[0]?.read() : targets;
    if (subject?.ok) {
      t.is(status, 0);
      t.regex(subject.value.recipe.file.text, says);
    } else {
      const { kind, at, message, next } = subject?.error ?? {};
      t.is(kind && EXIT_STATUS[kind], status, message);
      t.regex(`${at ? placeOf(at) : ''} ${message} ${next ?? ''}`, says);
    }
  });
}
