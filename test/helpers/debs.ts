import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { sha256 } from '../../src/base/digest.ts';
import type { Artefact } from '../../src/deb/types.ts';
import type { TarMember } from '../../src/format/tar.ts';
import { PLAIN_MEMBER, packTar } from '../../src/format/tar-write.ts';

export type TinyFile = Partial<TarMember> & { readonly name: string; readonly body?: string | Uint8Array };

/** What a small .deb is made from. Compressions are those that Node can write; .xz files for tests are fixtures. */
export type TinyDeb = {
  readonly control?: Readonly<Record<string, string>>; // fields of the control file
  readonly scripts?: Readonly<Record<string, string>>; // further members of control.tar, such as preinst
  readonly files?: readonly TinyFile[]; // of data.tar, in this order; names with `./` in front
  readonly compression?: 'none' | 'gz' | 'zst';
};

const EPOCH = 1_700_000_000;

/** A member of a tar with every field filled in: a file of root, mode 0644. */
export function tarMember(over: Partial<TarMember> & { readonly name: string }): TarMember {
  const directory = over.type === 'directory' || over.name.endsWith('/');
  return {
    ...PLAIN_MEMBER,
    ...(directory ? { type: 'directory', mode: 0o755 } : {}),
    mtimeSeconds: EPOCH,
    ...over,
  };
}

/** A whole tar in memory. */
export async function tinyTar(files: readonly TinyFile[]): Promise<Buffer> {
  const entries = files.map(({ body = '', ...over }) => {
    const bytes = Buffer.from(body as Uint8Array);
    return { member: tarMember({ size: bytes.length, ...over }), body: bytes };
  });
  return Buffer.concat(await Array.fromAsync(packTar(entries)));
}

/** A whole ar archive in memory, as dpkg-deb writes it. */
export function tinyAr(
  members: readonly { readonly name: string; readonly body: Uint8Array; readonly mtimeSeconds?: number; readonly mode?: string }[],
): Buffer {
  const parts = members.flatMap(({ name, body, mtimeSeconds = EPOCH, mode = '100644' }) => [
    Buffer.from(
      `${name.padEnd(16)}${String(mtimeSeconds).padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${mode.padEnd(8)}${String(body.length).padEnd(10)}\`\n`,
    ),
    body,
    Buffer.from(body.length % 2 === 1 ? '\n' : ''),
  ]);
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

/** A whole .deb in memory (deb(5)). */
export async function tinyDeb(deb: TinyDeb = {}): Promise<Buffer> {
  const {
    control = {},
    scripts = {},
    compression = 'gz',
    files = [{ name: './' }, { name: './usr/' }, { name: './usr/hello', body: 'hello\n' }],
  } = deb;
  const fields = {
    Package: 'hello',
    Version: '1.0-1',
    Architecture: 'all',
    Maintainer: 'Nobody <nobody@example.org>',
    Description: 'says hello',
    ...control,
  };
  const text = Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
  const controlTar = await tinyTar([
    { name: './' },
    { name: './control', body: text },
    ...Object.entries(scripts).map(([name, body]) => ({ name: `./${name}`, body, mode: 0o755 })),
  ]);
  const suffix = compression === 'none' ? '' : `.${compression}`;
  return tinyAr([
    { name: 'debian-binary', body: Buffer.from('2.0\n') },
    { name: `control.tar${suffix}`, body: compress(controlTar, compression) },
    { name: `data.tar${suffix}`, body: compress(await tinyTar(files), compression) },
  ]);
}

/** Bytes as a build's output on disk. */
export async function artefact(folder: string, name: string, bytes: Uint8Array | string): Promise<Artefact> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { name, path, size: Buffer.byteLength(bytes), sha256: sha256(bytes) };
}

/** A stream of these bytes in pieces of a length. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
}

function compress(bytes: Uint8Array, compression: 'none' | 'gz' | 'zst'): Uint8Array {
  if (compression === 'gz') return gzipSync(bytes);
  return compression === 'zst' ? zstdCompressSync(bytes) : bytes;
}
