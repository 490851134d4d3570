import { chmod, mkdir, symlink, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { StreamFailure } from '../src/base/result.ts';
import { ARCHIVE_LIMITS } from '../src/format/limits.ts';
import { readTar } from '../src/format/tar.ts';
import { folderDigest } from '../src/recipe/fingerprint.ts';
import { folderTar } from '../src/recipe/folder.ts';
import { folderOf } from './helpers/folder.ts';

async function members(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { member } of readTar(folderTar(path), ARCHIVE_LIMITS)) {
    const { name, type, mode, uid, gid, mtimeSeconds, size, link } = member;
    found.push(`${name} ${type} ${mode.toString(8)} ${uid}:${gid} ${mtimeSeconds} ${size}${link && ` ${link}`}`);
  }
  return found;
}

test('names in byte order, modes and owners made equal, links kept', async (t) => {
  await using folder = await folderOf({ b: 'bb', 'a/x': '', 'a-b': '1', Z: '', 'é/y': '' });
  await chmod(join(folder.path, 'b'), 0o711);
  await chmod(join(folder.path, 'Z'), 0o600);
  await symlink('../../etc/passwd', join(folder.path, 'link'));
  await mkdir(join(folder.path, 'empty'));
  t.deepEqual(await members(folder.path), [
    'Z file 644 0:0 0 0',
    'a/ directory 755 0:0 0 0',
    'a/x file 644 0:0 0 0',
    'a-b file 644 0:0 0 1',
    'b file 755 0:0 0 2',
    'empty/ directory 755 0:0 0 0',
    'link symlink 777 0:0 0 0 ../../etc/passwd',
    'é/ directory 755 0:0 0 0',
    'é/y file 644 0:0 0 0',
  ]);
});

test('dates do not count, contents do', async (t) => {
  await using first = await folderOf({ 'a/x': '1', b: '2' });
  await using second = await folderOf({ b: '2', 'a/x': '1' });
  await utimes(join(second.path, 'b'), 1, 1);
  t.is(await folderDigest(first.path), await folderDigest(second.path));
  await second.write({ b: '3' });
  t.not(await folderDigest(first.path), await folderDigest(second.path));
});

test('what is left out', async (t) => {
  await using folder = await folderOf({
    x: '',
    '.git/HEAD': '',
    'sub/.git': 'gitdir: x',
    'recipe.lock': '{}',
    'sub/recipe.lock': '{}',
    'out/CACHEDIR.TAG': 'Signature: 8a477f597d28d172789f06886806bc55\n',
    'out/x': '',
    'kept/CACHEDIR.TAG': 'no',
    '.gitignore': '',
  });
  t.deepEqual(
    (await members(folder.path)).map((line) => line.split(' ')[0]),
    ['.gitignore', 'kept/', 'kept/CACHEDIR.TAG', 'sub/', 'sub/recipe.lock', 'x'],
  );
});

test('a socket is refused', async (t) => {
  await using folder = await folderOf({});
  const server = createServer();
  await new Promise<void>((listening) => server.listen(join(folder.path, 's'), listening));
  const failure = await t.throwsAsync(() => folderDigest(folder.path), { instanceOf: StreamFailure });
  server.close();
  t.is(failure.failure.reason, 'folder-entry');
});

test('a folder that is not there', async (t) => {
  const failure = await t.throwsAsync(() => folderDigest('/nonexistent/folder'), { instanceOf: StreamFailure });
  t.is(failure.failure.reason, 'folder-missing');
});
