import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StreamFailure } from '../base/result.ts';
import { FOLDERS, ownedName } from './address.ts';
import { diskFailure } from './trouble.ts';

/** A file of unknown content that is needed for a while. It is gone with its scope; what a killed process leaves is swept with the store. */
export class Scratch implements AsyncDisposable {
  readonly #root: string;
  readonly #path: string;
  readonly #file: FileHandle;
  #size = 0;

  private constructor(root: string, path: string, file: FileHandle) {
    this.#root = root;
    this.#path = path;
    this.#file = file;
  }

  /** @throws StreamFailure of the disk */
  static async open(root: string, prefix: string): Promise<Scratch> {
    const path = join(root, FOLDERS.temporary, ownedName(prefix));
    try {
      return new Scratch(root, path, await open(path, 'wx', 0o600));
    } catch (error) {
      throw new StreamFailure(diskFailure(error, root));
    }
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  async write(piece: Uint8Array): Promise<void> {
    try {
      let at = 0;
      while (at < piece.length) at += (await this.#file.write(piece, at, piece.length - at, this.#size + at)).bytesWritten;
      this.#size += piece.length;
    } catch (error) {
      throw new StreamFailure(diskFailure(error, this.#root));
    }
  }

  /** Forgets what was written. */
  async restart(): Promise<void> {
    try {
      await this.#file.truncate(0);
      this.#size = 0;
    } catch (error) {
      throw new StreamFailure(diskFailure(error, this.#root));
    }
  }

  read(): AsyncIterable<Uint8Array> {
    return createReadStream(this.#path, { highWaterMark: 512 * 1024 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close().catch(() => undefined);
    await rm(this.#path, { force: true }).catch(() => undefined);
  }
}
