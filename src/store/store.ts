import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Sha256, sha256, sha256Of, sha256Stream } from '../base/digest.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';
import { contentPath, FOLDERS, ownedName, pathPart } from './address.ts';
import { fileSystemSeconds, sweepStale } from './sweep.ts';
import { corruptEntry, diskFailure, isMissing, missingEntry } from './trouble.ts';
import type { Store } from './types.ts';

const TOUCH_SECONDS = 60; // so exact is the order in which files were used
const HELD_BYTES = 64 * 1024 * 1024; // a derived file up to this size is held while it is verified, a larger one is read twice
const PIECE_BYTES = 512 * 1024;

/**
 * Opens the store in that folder (absolute) and makes it when there is none. Clears away what killed processes left half written.
 * Failures: disk-full, store-not-writable, store-unreadable (infrastructure).
 */
export async function openStore(root: string): Promise<Result<Store>> {
  try {
    for (const folder of Object.values(FOLDERS)) await mkdir(join(root, folder), { recursive: true });
    return ok(new FolderStore(root, await sweepStale(root)));
  } catch (error) {
    return fail(diskFailure(error, root));
  }
}

/** A store that this process has opened, for its worker threads. It clears nothing away: the files being written are those of its siblings. */
export function storeOf(root: string): Store {
  return new FolderStore(root, undefined);
}

class FolderStore implements Store {
  readonly root: string;
  #openedSeconds: number | undefined; // by the clock of the file system

  constructor(root: string, openedSeconds: number | undefined) {
    this.root = root;
    this.#openedSeconds = openedSeconds;
  }

  async has(digest: Sha256, size?: number): Promise<boolean> {
    try {
      const there = await stat(contentPath(this.root, digest));
      return there.isFile() && (size === undefined || there.size === size);
    } catch {
      return false;
    }
  }

  async *read(digest: Sha256): AsyncGenerator<Uint8Array> {
    const path = contentPath(this.root, digest);
    const hash = sha256Stream();
    const stream = createReadStream(path, { highWaterMark: PIECE_BYTES });
    try {
      for await (const piece of stream as AsyncIterable<Uint8Array>) {
        hash.update(piece);
        yield piece;
      }
    } catch (error) {
      throw new StreamFailure(isMissing(error) ? missingEntry(digest) : diskFailure(error, this.root));
    }
    if (hash.digest() !== digest) throw new StreamFailure(await this.#setAside(digest));
    await this.#touch(path);
  }

  async readAll(digest: Sha256): Promise<Result<Uint8Array>> {
    const path = contentPath(this.root, digest);
    try {
      const bytes = await readFile(path);
      if (sha256(bytes) !== digest) return fail(await this.#setAside(digest));
      await this.#touch(path);
      return ok(bytes);
    } catch (error) {
      return fail(isMissing(error) ? missingEntry(digest) : diskFailure(error, this.root));
    }
  }

  async add(
    bytes: AsyncIterable<Uint8Array>,
    expected?: { readonly sha256: Sha256; readonly size?: number },
  ): Promise<Result<{ readonly sha256: Sha256; readonly size: number }>> {
    const temporary = join(this.root, FOLDERS.temporary, ownedName('add'));
    try {
      const written = await writeHashed(temporary, bytes, expected?.size);
      if (expected && (written.sha256 !== expected.sha256 || (expected.size ?? written.size) !== written.size)) {
        await rm(temporary, { force: true });
        return fail({
          kind: 'unverified-input',
          reason: 'digest-mismatch',
          message:
            written.sha256 === expected.sha256
              ? `it has ${written.size} bytes instead of ${expected.size}`
              : `its sha256 is ${written.sha256} (${written.size} bytes) instead of ${expected.sha256}${expected.size === undefined ? '' : ` (${expected.size} bytes)`}`,
        });
      }
      await place(temporary, contentPath(this.root, written.sha256));
      return ok(written);
    } catch (error) {
      await rm(temporary, { force: true });
      return fail(diskFailure(error, this.root));
    }
  }

  async readDerived(kind: string, key: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    const path = this.#derivedPath(kind, key);
    try {
      const { size } = await stat(path);
      const held = size <= HELD_BYTES ? await readFile(path) : undefined;
      const body = held ? held.subarray(0, Math.max(0, held.length - 64)) : undefined;
      const wanted = held ? held.subarray(body?.length).toString('latin1') : await readTail(path, size);
      const found = body ? sha256(body) : (await sha256Of(streamOf(path, size - 64))).digest;
      if (wanted !== found) {
        await rm(path, { force: true });
        return undefined;
      }
      await this.#touch(path);
      return body ? once(body) : streamOf(path, size - 64);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw new StreamFailure(diskFailure(error, this.root));
    }
  }

  /** The file ends with its own digest in hex: one file, so one rename makes it whole. */
  async addDerived(kind: string, key: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<void>> {
    const temporary = join(this.root, FOLDERS.temporary, ownedName('derived'));
    try {
      await writeHashed(temporary, withDigest(bytes), undefined);
      await place(temporary, this.#derivedPath(kind, key));
      return ok(undefined);
    } catch (error) {
      await rm(temporary, { force: true });
      return fail(diskFailure(error, this.root));
    }
  }

  async readState(kind: string, key: string): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.#statePath(kind, key), 'utf8')) as unknown;
    } catch {
      return undefined; // state can always be found out again
    }
  }

  async writeState(kind: string, key: string, value: unknown): Promise<Result<void>> {
    const temporary = join(this.root, FOLDERS.temporary, ownedName('state'));
    try {
      await writeHashed(temporary, once(Buffer.from(`${JSON.stringify(value)}\n`)), undefined);
      await place(temporary, this.#statePath(kind, key));
      return ok(undefined);
    } catch (error) {
      await rm(temporary, { force: true });
      return fail(diskFailure(error, this.root));
    }
  }

  #derivedPath(kind: string, key: string): string {
    return join(this.root, FOLDERS.derived, pathPart(kind), pathPart(key));
  }

  #statePath(kind: string, key: string): string {
    return join(this.root, FOLDERS.state, pathPart(kind), `${pathPart(key)}.json`);
  }

  /** Notes the use of a file in its access time, at most once a minute, for `clean` and the limit of the store; file systems often do not do it themselves. */
  async #touch(path: string): Promise<void> {
    try {
      this.#openedSeconds ??= await fileSystemSeconds(this.root);
      const { atimeMs, mtimeMs } = await stat(path);
      if (this.#openedSeconds - atimeMs / 1000 > TOUCH_SECONDS) await utimes(path, this.#openedSeconds, mtimeMs / 1000);
    } catch {
      // a store that may only be read is a store all the same
    }
  }

  async #setAside(digest: Sha256): Promise<Failure> {
    await rename(contentPath(this.root, digest), join(this.root, FOLDERS.corrupt, ownedName(digest))).catch(() => undefined); // another process was first
    return corruptEntry(digest, this.root);
  }
}

/** Writes a stream to a new file and syncs it. Stops at the first byte beyond `limitBytes`; the caller then sees a wrong size. */
async function writeHashed(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  limitBytes: number | undefined,
): Promise<{ sha256: Sha256; size: number }> {
  const hash = sha256Stream();
  const file = await open(path, 'wx', 0o644);
  try {
    for await (const piece of bytes) {
      hash.update(piece);
      if (limitBytes !== undefined && hash.size > limitBytes) break;
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest(), size: hash.size };
}

/** Gives a whole, synced file its name. Readers see all of it or nothing; of two writers the later one wins, with the same content. */
export async function place(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rename(temporary, path);
}

async function* withDigest(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const hash = sha256Stream();
  for await (const piece of bytes) {
    hash.update(piece);
    yield piece;
  }
  yield Buffer.from(hash.digest(), 'latin1');
}

function streamOf(path: string, size: number): AsyncIterable<Uint8Array> {
  return size <= 0 ? once(new Uint8Array(0)) : createReadStream(path, { end: size - 1, highWaterMark: PIECE_BYTES });
}

async function readTail(path: string, size: number): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, size - 64);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
