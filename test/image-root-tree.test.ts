import test from 'ava';
import type { TarMember } from '../src/format/tar.ts';
import { RootTree } from '../src/image/root-tree.ts';
import { skeleton } from '../src/image/skeleton.ts';
import { tinyPackageOf } from './helpers/packages.ts';

type File = Partial<TarMember> & { readonly name: string; readonly body?: string };
type Given = {
  readonly name: string;
  readonly files: readonly File[];
  readonly replaces?: string;
  readonly version?: string;
  readonly conffiles?: string;
};

/** Unpacks packages in order on a bare amd64 system. */
async function unpack(...packages: readonly Given[]): Promise<{ readonly tree: RootTree; readonly reason: string }> {
  const tree = new RootTree();
  for (const node of skeleton('amd64')) tree.add(node);
  for (const { name, files, replaces, version = '1', conffiles } of packages) {
    const control = { Package: name, Version: version, Architecture: 'all', ...(replaces === undefined ? {} : { Replaces: replaces }) };
    const each = await tinyPackageOf({ control, files: [{ name: './' }, ...files], scripts: conffiles === undefined ? {} : { conffiles } });
    const done = tree.unpack(each, 'waiting');
    if (!done.ok) return { tree, reason: done.error.reason };
  }
  return { tree, reason: 'ok' };
}

/** What is in the tree beyond the bare system, as `path: what`. */
function shown(tree: RootTree): readonly string[] {
  const bare = new Set(skeleton('amd64').map(({ path }) => path));
  const words = (path: string) => {
    const node = tree.nodes.get(path);
    return `${path}: ${node?.type}${node?.link ? ` -> ${node.link}` : ''} of ${node?.owner}`;
  };
  return [...tree.nodes.keys()].filter((path) => !bare.has(path) || tree.nodes.get(path)?.owner !== '').map(words);
}

const unpacks = test.macro(async (t, packages: readonly Given[], expected: readonly string[]) => {
  const { tree, reason } = await unpack(...packages);
  t.is(reason, 'ok');
  t.deepEqual(shown(tree), expected);
});
const refuses = test.macro(async (t, packages: readonly Given[]) => {
  t.is((await unpack(...packages)).reason, 'file-conflict');
});

const file = (name: string): File => ({ name, body: name });
const folder = (name: string): File => ({ name });
const link = (name: string, to: string): File => ({ name, type: 'symlink', link: to });
const a = (...files: File[]): Given => ({ name: 'aa', files });
const b = (...files: File[]): Given => ({ name: 'bb', files });

test('what is below /bin comes below /usr/bin', unpacks, [a(folder('./bin/'), file('./bin/sh'))], ['usr/bin/sh: file of aa']);
test(
  'folders are shared, the first says what they are like',
  unpacks,
  [a(folder('./opt/'), file('./opt/a')), b(folder('./opt/'), file('./opt/b'))],
  ['opt: directory of aa', 'opt/a: file of aa', 'opt/b: file of bb'],
);
test(
  'a folder that nobody brings is made',
  unpacks,
  [a(file('./opt/x/a'))],
  ['opt: directory of ', 'opt/x: directory of ', 'opt/x/a: file of aa'],
);
test(
  'a hard link below /lib leads to where its target is',
  unpacks,
  [a(file('./lib/x'), { name: './lib/y', type: 'hardlink', link: './lib/x' })],
  ['usr/lib/x: file of aa', 'usr/lib/y: hardlink -> usr/lib/x of aa'],
);
test(
  'files reach a folder through a link of another package',
  unpacks,
  [a(folder('./opt/'), folder('./opt/real/'), link('./opt/l', 'real')), b(folder('./opt/l/'), file('./opt/l/f'))],
  ['opt: directory of aa', 'opt/real: directory of aa', 'opt/l: symlink -> real of aa', 'opt/real/f: file of bb'],
);
test(
  'an absolute link is followed within the root',
  unpacks,
  [a(folder('./opt/'), link('./opt/l', '/usr/lib')), b(file('./opt/l/f'))],
  ['opt: directory of aa', 'opt/l: symlink -> /usr/lib of aa', 'usr/lib/f: file of bb'],
);
test(
  'a link never takes the place of a folder',
  unpacks,
  [a(folder('./opt/'), folder('./opt/d/')), b(link('./opt/d', 'e'))],
  ['opt: directory of aa', 'opt/d: directory of aa'],
);
test('the links of a merged /usr may come from a package', unpacks, [a(link('./bin', 'usr/bin'))], ['bin: symlink -> usr/bin of aa']);

test('two packages with one file are refused', refuses, [a(file('./f')), b(file('./f'))]);
test('so are they by another way to the same place', refuses, [a(file('./bin/f')), b(file('./usr/bin/f'))]);
test('a file in the place of a folder is refused', refuses, [a(folder('./d/')), b(file('./d'))]);
test('a folder in the place of a file is refused', refuses, [a(file('./d')), b(folder('./d/'))]);
test('a file below a file is refused', refuses, [a(file('./d')), b(file('./d/f'))]);
test('a folder that is a link to nowhere is refused', refuses, [a(link('./l', 'nowhere')), b(folder('./l/'))]);
test('a circle of links is refused', refuses, [a(link('./l', 'm'), link('./m', 'l')), b(file('./l/f'))]);
test('a hard link to nothing is refused', refuses, [a({ name: './h', type: 'hardlink', link: './nothing' })]);
test('a hard link to another package is refused', refuses, [a(file('./f')), b({ name: './h', type: 'hardlink', link: './f' })]);
test('Replaces of another version does not count', refuses, [
  { ...a(file('./f')), version: '2' },
  { ...b(file('./f')), replaces: 'aa (<< 2)' },
]);

test('with Replaces the other package loses the file, and the path in its list', async (t) => {
  const { tree, reason } = await unpack(a(file('./f'), file('./g')), { ...b(file('./f')), replaces: 'aa (<< 2)' });
  t.is(reason, 'ok');
  t.deepEqual(shown(tree), ['f: file of bb', 'g: file of aa']);
  t.deepEqual(tree.lists.get('aa'), ['/.', '/g']);
  t.deepEqual(tree.lists.get('bb'), ['/.', '/f']);
});

test('Replaces counts in either order', async (t) => {
  const { tree } = await unpack({ ...a(file('./f')), replaces: 'bb' }, b(file('./f'), file('./g')));
  t.deepEqual(shown(tree), ['f: file of aa', 'g: file of bb']);
  t.deepEqual(tree.lists.get('bb'), ['/.', '/g']);
});

test('lists have paths as the package has them', async (t) => {
  const { tree } = await unpack(a(folder('./bin/'), file('./bin/sh')));
  t.deepEqual(tree.lists.get('aa'), ['/.', '/bin', '/bin/sh']);
});

test('configuration files wait beside their place', async (t) => {
  const { tree } = await unpack({ ...a(folder('./etc/'), file('./etc/a.conf'), file('./etc/b')), conffiles: '/etc/a.conf\n' });
  t.deepEqual(shown(tree), ['etc: directory of aa', 'etc/a.conf.dpkg-new: file of aa', 'etc/b: file of aa']);
  t.deepEqual(tree.waitingOf('aa'), ['etc/a.conf']);
});
