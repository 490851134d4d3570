import test from 'ava';
import { placeOf } from '../src/base/location.ts';
import type { Exported, GitWorld } from '../src/git/source.ts';
import { type GitContext, lookIntoTree, resolveGit } from '../src/lock/git.ts';
import type { LockedSource } from '../src/lock/types.ts';
import type { GitSource } from '../src/recipe/recipe.ts';
import type { Store } from '../src/store/types.ts';
import { tinyTar } from './helpers/debs.ts';
import { commit, gitServer } from './helpers/git.ts';
import { emptyStore, fetching, pieces, value } from './helpers/stores.ts';

const URL = 'https://git.example.org/top.git';
const FILE = {
  name: 'recipe.yaml',
  text: `name: own
sources:
  - git: ${URL}
    as: top
    ref: v1
    submodules: true
`,
};
const SOURCE: GitSource = {
  kind: 'git',
  url: URL,
  commit: undefined,
  ref: 'v1',
  name: 'top',
  directory: undefined,
  submodules: undefined,
  lfs: undefined,
};
const id = (digit: string): string => digit.repeat(40);

/** Puts the export of a commit into a store, as if it had been fetched before. */
async function exported(
  store: Store,
  of: string,
  over: Partial<Exported> = {},
  files: readonly { name: string; body: string }[] = [],
): Promise<void> {
  const tar = await tinyTar([{ name: `commit-${of.slice(0, 4)}`, body: of }, ...files]);
  const added = value(await store.add(pieces(tar)));
  const known: Exported = { ...added, seconds: 1000 + Number(of[0]), links: [], modules: [], pointers: [], ...over };
  value(await store.addDerived('git-export', `1-${of}`, pieces(JSON.stringify(known))));
}

type Bench = AsyncDisposable & { readonly store: Store; readonly context: GitContext; readonly told: () => string };

/** A store, and a context that has no network and no engine. */
async function bench(over: Partial<GitContext> = {}): Promise<Bench> {
  const place = await emptyStore();
  const fetch = fetching({ offline: true });
  const workshop: GitWorld['workshop'] = () => {
    throw new Error('nothing is to be taken apart here');
  };
  return {
    store: place.store,
    context: {
      recipe: { name: 'own', file: FILE },
      world: { store: place.store, running: fetch.running, fetch, workshop },
      asked: new Map(),
      pinned: undefined,
      ...over,
    },
    told: () => fetch.notices.map((notice) => ('text' in notice ? notice.text : '')).join('\n'),
    [Symbol.asyncDispose]: place[Symbol.asyncDispose],
  };
}

/** What a source is resolved to: `ref → path commit, …`, or the place and the sentence of the failure. */
async function resolved(b: Bench, source: GitSource): Promise<string> {
  const found = await resolveGit(source, 0, b.context);
  if (!found.ok) return `${found.error.at ? placeOf(found.error.at) : 'nowhere'} ${found.error.reason}: ${found.error.message}`;
  const { locked } = found.value;
  if (locked.kind !== 'git') return locked.kind;
  return `${locked.ref} → ${locked.trees.map(({ path, url, commit: of }) => `${path || '.'} ${url} ${of[0]}`).join(', ')}`;
}

test('a commit id needs nobody to be asked', async (t) => {
  await using b = await bench();
  await exported(b.store, id('1'));
  t.is(await resolved(b, { ...SOURCE, ref: undefined, commit: id('1') }), `${id('1')} → . ${URL} 1`);
});

test('the command line takes the place of the recipe, and an earlier lock that of both', async (t) => {
  const kept: LockedSource = { kind: 'git', name: 'top', ref: 'v0', directory: undefined, trees: [] };
  for (const [pinned, expected] of [
    [undefined, `${id('2')} → . ${URL} 2`],
    [[{ ...kept, trees: [{ path: '', url: URL, commit: id('3'), size: 1, sha256: id('3') as never }] }], `v0 → . ${URL} 3`],
  ] as const) {
    await using b = await bench({ asked: new Map([['top', id('2')]]), pinned });
    await exported(b.store, id('2'));
    await exported(b.store, id('3'));
    t.is(await resolved(b, SOURCE), expected);
  }
});

test('what has to be asked for cannot be had offline', async (t) => {
  await using b = await bench();
  t.regex(await resolved(b, SOURCE), /^recipe\.yaml:3:10 offline-missing: v1 of https:/);
  t.regex(await resolved(b, { ...SOURCE, ref: id('9') }), /^recipe\.yaml:5:10 offline-missing: 9+ of https:/);
});

test('submodules, and theirs, each after the one that it lies in', async (t) => {
  await using b = await bench();
  await exported(b.store, id('1'), {
    links: [
      { path: 'a', commit: id('2') },
      { path: 'b', commit: id('3') },
    ],
    modules: [
      ['a', '../a.git'],
      ['b', './b'],
    ],
  });
  await exported(b.store, id('2'), { links: [{ path: 'deep/c', commit: id('4') }], modules: [['deep/c', 'https://example.com/c']] });
  await exported(b.store, id('3'));
  await exported(b.store, id('4'));
  const all = { ...SOURCE, ref: id('1'), submodules: { urls: {} } };
  const found = await resolveGit(all, 0, b.context);
  t.is(found.ok ? found.value.newestSeconds : 0, 1004);
  t.is(
    await resolved(b, all),
    `${id('1')} → . ${URL} 1, a https://git.example.org/a.git 2, a/deep/c https://example.com/c 4, b https://git.example.org/top.git/b 3`,
  );
  t.is(
    await resolved(b, { ...all, submodules: { urls: { 'a/deep/c': 'https://fork.example/c' } } }),
    `${id('1')} → . ${URL} 1, a https://git.example.org/a.git 2, a/deep/c https://fork.example/c 4, b https://git.example.org/top.git/b 3`,
  );
  t.is(
    await resolved(b, { ...all, submodules: { urls: { c: 'https://fork.example/c' } } }),
    `recipe.yaml:6:17 git-submodule: ${URL} has no submodule c`,
  );
  t.is(await resolved(b, { ...all, submodules: undefined }), `${id('1')} → . ${URL} 1`);
  t.regex(b.told(), /has the submodule a and 1 more, which the recipe leaves out/);
});

test('a submodule that nobody says the place of, and one that leads to itself', async (t) => {
  await using b = await bench();
  await exported(b.store, id('1'), { links: [{ path: 'a', commit: id('2') }] });
  await exported(b.store, id('5'), { links: [{ path: 'a', commit: id('5') }], modules: [['a', '../top.git']] });
  const all = { ...SOURCE, submodules: { urls: {} } };
  t.regex(
    await resolved(b, { ...all, ref: id('1') }),
    /^recipe\.yaml:6:17 git-submodule: The submodule a cannot be fetched: its repository pins a commit/,
  );
  t.regex(await resolved(b, { ...all, ref: id('5') }), /^recipe\.yaml:6:17 git-submodule: .* has more than 5 levels of submodules/);
});

test('pointers of Git LFS are refused, wherever they are, unless the recipe takes them', async (t) => {
  await using b = await bench();
  await exported(b.store, id('1'), { links: [{ path: 'a', commit: id('2') }], modules: [['a', '../a']] });
  await exported(b.store, id('2'), { pointers: ['big.bin', 'more.bin'] });
  const all = { ...SOURCE, ref: id('1'), submodules: { urls: {} } };
  t.regex(await resolved(b, all), /^recipe\.yaml:3:10 git-lfs: .* keeps a\/big\.bin and 1 more in Git LFS/);
  t.regex(await resolved(b, { ...all, lfs: 'pointers' }), /^1+ → /);
});

test('a tree at the top says what the build needs, one in debian/ too, another does not', async (t) => {
  await using b = await bench();
  await exported(b.store, id('1'), {}, [
    { name: 'debian/control', body: 'Source: x\n' },
    { name: 'debian/changelog', body: 'x (1) y; urgency=low\n' },
    { name: 'control', body: 'Source: y\n' },
  ]);
  for (const [directory, control] of [
    [undefined, 'Source: x\n'],
    ['debian', 'Source: y\n'],
    ['sub', undefined],
  ] as const) {
    const found = value(await resolveGit({ ...SOURCE, ref: id('1'), directory }, 0, b.context));
    if (found.locked.kind !== 'git') return t.fail();
    t.is(value(await lookIntoTree(found.locked, b.store)).control?.text, control);
  }
});

test('a name is looked up on the server, and what it is is told', async (t) => {
  await using server = await gitServer();
  const repository = await server.repository('r');
  const now = await commit(repository, { a: 'x' });
  await using b = await bench();
  const online = { ...b, context: { ...b.context, world: { ...b.context.world, fetch: { ...b.context.world.fetch, offline: false } } } };
  await exported(b.store, now);
  t.is(await resolved(online, { ...SOURCE, url: `${server.url}/r`, ref: 'main' }), `main → . ${server.url}/r ${now[0]}`);
  t.true(b.told().includes(`top: main is ${now}`));
  t.is(
    await resolved(online, { ...SOURCE, url: `${server.url}/r`, ref: 'gone' }),
    `recipe.yaml:5:10 git-ref-unknown: ${server.url}/r has no tag or branch called gone`,
  );
  t.regex(await resolved(online, { ...SOURCE, url: `${server.url}/none`, ref: 'main' }), /^recipe\.yaml:3:10 git-no-repository: /);
});
