import { createReadStream, type Dirent } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { escapeControl } from '../base/escape.ts';
import { StreamFailure } from '../base/result.ts';
import { decodeName, encodeName } from '../format/name.ts';
import { PLAIN_MEMBER, packTar, type TarInput } from '../format/tar-write.ts';

/** What a folder marked as a cache says of itself (Cache Directory Tagging Specification). */
const CACHE_TAG = 'CACHEDIR.TAG';
const CACHE_SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';

/**
 * A local folder as a canonical tar: its bytes follow from names, contents, link targets and the owner's execute bit alone, so that two
 * checkouts give the same. Entries by name in byte order, each folder before what it holds; mode 644 or 755, ids 0, mtime 0; symbolic links stay
 * links, whatever they point to. Left out: everything called `.git`, folders that call themselves a cache (`CACHEDIR.TAG`), and
 * a `recipe.lock` at the top or in its `debian/`, which is made from this very tar.
 *
 * @param path absolute
 * @throws StreamFailure (usage) folder-missing, folder-entry for a socket, a device or a fifo, folder-unreadable
 */
export function folderTar(path: string): AsyncIterable<Uint8Array> {
  return packTar(entries(Buffer.from(path), ''));
}

async function* entries(folder: Buffer, prefix: string): AsyncGenerator<TarInput> {
  const items = await list(folder, prefix);
  if (prefix !== '' && items.some((item) => decodeName(item.name) === CACHE_TAG && item.isFile()) && (await isCache(folder))) return;
  if (prefix !== '') yield { member: { ...PLAIN_MEMBER, name: prefix, type: 'directory', mode: 0o755 } };
  for (const item of items) {
    const name = decodeName(item.name);
    if (name === '.git' || ((prefix === '' || prefix === 'debian/') && /^recipe\.lock(\.[0-9a-f]+\.tmp)?$/.test(name))) continue;
    const inner = `${prefix}${name}`;
    const path = Buffer.concat([folder, Buffer.from('/'), item.name]);
    if (item.isDirectory()) yield* entries(path, `${inner}/`);
    else if (item.isSymbolicLink())
      yield { member: { ...PLAIN_MEMBER, name: inner, type: 'symlink', mode: 0o777, link: decodeName(await readlink(path, 'buffer')) } };
    else if (item.isFile()) yield await file(path, inner);
    else throw refused('folder-entry', `${escapeControl(inner)} is neither a file nor a folder nor a link; it cannot be part of a source`);
  }
}

async function list(folder: Buffer, prefix: string): Promise<Dirent<Buffer>[]> {
  try {
    const items = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    return items.sort((a, b) => Buffer.compare(a.name, b.name));
  } catch (error) {
    throw unreadable(prefix === '' ? decodeName(folder) : prefix, error);
  }
}

async function file(path: Buffer, name: string): Promise<TarInput> {
  const { size, mode } = await lstat(path).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  return { member: { ...PLAIN_MEMBER, name, mode: mode & 0o100 ? 0o755 : 0o644, size }, body: content(path, name) };
}

async function* content(path: Buffer, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) yield piece as Uint8Array;
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function isCache(folder: Buffer): Promise<boolean> {
  await using tag = await open(Buffer.concat([folder, encodeName(`/${CACHE_TAG}`)]), 'r');
  const { buffer, bytesRead } = await tag.read(Buffer.alloc(CACHE_SIGNATURE.length), 0, CACHE_SIGNATURE.length, 0);
  return buffer.toString('latin1', 0, bytesRead) === CACHE_SIGNATURE;
}

function refused(reason: string, message: string, cause?: unknown): StreamFailure {
  return new StreamFailure({ kind: 'usage', reason, message, ...(cause === undefined ? {} : { cause }) });
}

function unreadable(name: string, error: unknown): StreamFailure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return refused(
    missing ? 'folder-missing' : 'folder-unreadable',
    `${escapeControl(name)} ${missing ? 'is not there, or is not a folder' : `cannot be read (${code})`}`,
    error,
  );
}
