import test from 'ava';
import { sha256 } from '../src/base/digest.ts';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { readTar } from '../src/format/tar.ts';
import { packTar } from '../src/format/tar-write.ts';
import { deltaInputs, settle } from '../src/image/delta.ts';
import { bareFolder, type Node } from '../src/image/node.ts';
import { isScratch } from '../src/image/scratch.ts';
import { type TinyFile, tinyTar } from './helpers/debs.ts';
import { pieces } from './helpers/stores.ts';
import { members } from './helpers/tar.ts';

const EPOCH = 1_600_000_000;

function file(path: string, text: string, over: Partial<Node> = {}): Node {
  const bytes = Buffer.from(text);
  return {
    ...bareFolder(path),
    type: 'file',
    mode: 0o644,
    size: bytes.length,
    content: { kind: 'held', bytes, sha256: sha256(bytes) },
    ...over,
  };
}
const LOWER = [
  bareFolder('etc'),
  bareFolder('usr'),
  bareFolder('usr/bin'),
  file('etc/a', 'a'),
  file('usr/bin/x', 'x', { mtimeSeconds: 5 }),
  { ...bareFolder('usr/l'), type: 'symlink' as const, mode: 0o777, link: 'bin' },
];

/** The layer for what an engine calls changed, as `name: type text`; nothing in it may be newer than the epoch. */
async function layer(changed: readonly TinyFile[], deleted: readonly string[] = []): Promise<readonly string[]> {
  const tar = await tinyTar(changed);
  const read = () => readTar(pieces(tar), ARCHIVE_LIMITS);
  const delta = await settle(read(), deleted, new Map(LOWER.map((node) => [node.path, node])));
  const all = await members(packTar(deltaInputs(read(), delta, EPOCH)));
  return all.map(([{ name, type, link, mtimeSeconds }, text]) => {
    const words = [`${name}:`, type, ...(link === '' ? [] : [`-> ${link}`]), ...(text === '' ? [] : [text])];
    return [...words, ...(mtimeSeconds > EPOCH ? ['too new'] : [])].join(' ');
  });
}

const becomes = test.macro(async (t, changed: readonly TinyFile[], deleted: readonly string[], expected: readonly string[]) => {
  t.deepEqual(await layer(changed, deleted), expected);
});

test('what is new goes in, below its folders', becomes, [{ name: 'etc/b', body: 'b' }], [], ['etc/: directory', 'etc/b: file b']);
test(
  'what is as it was stays out, whatever its time',
  becomes,
  [{ name: 'etc/' }, { name: 'etc/a', body: 'a', mtimeSeconds: 99 }, { name: 'usr/l', type: 'symlink', link: 'bin', mode: 0o777 }],
  [],
  [],
);
test('another content goes in', becomes, [{ name: 'etc/a', body: 'A' }], [], ['etc/: directory', 'etc/a: file A']);
test('another mode goes in', becomes, [{ name: 'etc/a', body: 'a', mode: 0o600 }], [], ['etc/: directory', 'etc/a: file a']);
test('another owner of a folder goes in', becomes, [{ name: 'etc/', uid: 5 }], [], ['etc/: directory']);
test(
  'another target of a link goes in',
  becomes,
  [{ name: 'usr/l', type: 'symlink', link: 'lib' }],
  [],
  ['usr/: directory', 'usr/l: symlink -> lib'],
);
test('what is gone is marked, once', becomes, [], ['usr/bin', 'usr/bin/x'], ['usr/: directory', 'usr/.wh.bin: file']);
test('what was never there is not marked', becomes, [], ['usr/bin/y'], []);
test(
  'scratch files stay out',
  becomes,
  [
    { name: 'var/log/dpkg.log', body: 'now' },
    { name: 'etc/passwd-', body: 'old' },
    { name: 'tmp/x', body: 'x' },
  ],
  [],
  [],
);
test(
  'names of one file stay together',
  becomes,
  [
    { name: 'etc/a', body: 'a' },
    { name: 'etc/z', type: 'hardlink', link: 'etc/a' },
  ],
  [],
  ['etc/: directory', 'etc/a: file a', 'etc/z: hardlink -> etc/a'],
);
test('names of one file that are as they were stay out', becomes, [{ name: 'etc/a', body: 'a' }], [], []);
test('file capabilities are kept, other attributes are not', async (t) => {
  const tar = await tinyTar([
    { name: 'etc/a', body: 'a', pax: { 'SCHILY.xattr.security.capability': 'x\0y', 'SCHILY.xattr.user.z': '1' } },
  ]);
  const read = () => readTar(pieces(tar), ARCHIVE_LIMITS);
  const delta = await settle(read(), [], new Map(LOWER.map((node) => [node.path, node])));
  const all = await members(packTar(deltaInputs(read(), delta, EPOCH)));
  t.deepEqual(all.at(-1)?.[0].pax, { 'SCHILY.xattr.security.capability': 'x\0y' });
});

const scratch = test.macro((t, path: string, expected: boolean) => {
  t.is(isScratch(path), expected);
});
for (const path of [
  '.dockerenv',
  'dev/console',
  'etc/hosts',
  'etc/passwd-',
  'run/x',
  'tmp/a/b',
  'var/cache/man/index.db',
  'var/lib/dpkg/status-old',
  'var/lib/apt/lists/x',
  'var/log/apt/term.log',
  'usr/sbin/docker-init',
])
  test(`${path} is scratch`, scratch, path, true);
for (const path of [
  'dev',
  'run',
  'tmp',
  'etc/passwd',
  'etc/hosts.allow',
  'var/cache/man',
  'var/lib/dpkg/status',
  'var/lib/apt/extended_states',
  'var/log/faillog',
  'usr/share/doc/hosts',
  'home/dev/x',
])
  test(`${path} is not scratch`, scratch, path, false);
