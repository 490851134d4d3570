import { createReadStream } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Sha256, sha256Stream } from '../base/digest.ts';
import { StreamFailure } from '../base/result.ts';
import { contentPath, FOLDERS, ownedName, ownerMayLive, prefixOf } from './address.ts';
import { place } from './store.ts';
import { fileSystemSeconds } from './sweep.ts';
import type { Sink } from './transport.ts';
import { diskFailure, isMissing } from './trouble.ts';

const ABANDONED_SECONDS = 300; // a download that lives has written, or has failed and tried again, within that time

/** A download on disk. It becomes an entry of the store, or it stays for the next one who wants the file. */
export class Partial implements Sink {
  /** Whether what is there came in more than one go, so that a wrong digest may be the fault of putting it together. */
  pieced = false;
  readonly #root: string;
  readonly #digest: Sha256;
  readonly #path: string;
  readonly #file: FileHandle;
  #hash = sha256Stream();

  private constructor(root: string, digest: Sha256, path: string, file: FileHandle) {
    this.#root = root;
    this.#digest = digest;
    this.#path = path;
    this.#file = file;
  }

  /** Starts a download with what another process left of the same file. */
  static async open(root: string, digest: Sha256, size: number): Promise<Partial> {
    try {
      const path = join(root, FOLDERS.partial, ownedName(digest));
      const partial = new Partial(root, digest, path, await open(path, 'wx+', 0o644));
      for (const left of await leftOvers(root, digest)) await partial.#adopt(left, size);
      return partial;
    } catch (error) {
      throw new StreamFailure(diskFailure(error, root));
    }
  }

  get have(): number {
    return this.#hash.size;
  }

  async write(piece: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < piece.length) at += (await this.#file.write(piece, at, piece.length - at, this.#hash.size + at)).bytesWritten;
      this.#hash.update(piece);
    } catch (error) {
      throw new StreamFailure(diskFailure(error, this.#root));
    }
  }

  async restart(): Promise<void> {
    this.pieced = false;
    this.#hash = sha256Stream();
    try {
      await this.#file.truncate(0);
    } catch (error) {
      throw new StreamFailure(diskFailure(error, this.#root));
    }
  }

  /** Makes the download an entry of the store; false, and all of it forgotten, when its digest is wrong. */
  async finish(): Promise<boolean> {
    try {
      if (this.#hash.digest() !== this.#digest) {
        await this.restart();
        return false;
      }
      await this.#file.sync();
      await this.#file.close();
      await place(this.#path, contentPath(this.#root, this.#digest));
      return true;
    } catch (error) {
      throw new StreamFailure(diskFailure(error, this.#root));
    }
  }

  /** Ends a download that did not get there; what there is of it stays. */
  async leave(keep: boolean): Promise<void> {
    const worthKeeping = keep && this.have > 0;
    await this.#file.close().catch(() => undefined);
    if (worthKeeping)
      await rename(this.#path, join(this.#root, FOLDERS.partial, `${this.#digest}@left@${Math.trunc(this.have)}`)).catch(() => undefined);
    else await rm(this.#path, { force: true }).catch(() => undefined);
  }

  /** Copies and does not take over: should its owner live after all, the two do not write to one file. */
  async #adopt(left: string, size: number): Promise<void> {
    try {
      if (this.have === 0 && (await stat(left)).size < size) {
        for await (const piece of createReadStream(left, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>)
          await this.write(piece);
        this.pieced = this.have > 0;
      }
      await rm(left, { force: true });
    } catch (error) {
      if (!isMissing(error)) throw error; // somebody else was quicker
    }
  }
}

/** What processes that are gone left of a file, the longest first. */
async function leftOvers(root: string, digest: Sha256): Promise<readonly string[]> {
  const names = (await readdir(join(root, FOLDERS.partial))).filter((name) => prefixOf(name) === digest);
  if (names.length <= 1) return []; // only our own
  const nowSeconds = await fileSystemSeconds(root);
  const found: { path: string; size: number }[] = [];
  for (const name of names) {
    const path = join(root, FOLDERS.partial, name);
    const there = await stat(path).catch(() => undefined);
    if (!there || there.size === 0) continue;
    if (!ownerMayLive(name) || nowSeconds - there.mtimeMs / 1000 > ABANDONED_SECONDS) found.push({ path, size: there.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ path }) => path);
}
