import type { Sha256 } from '../base/digest.ts';
import type { Result } from '../base/result.ts';

/** A content-addressed store of files, safe for several processes at once. */
export interface Store {
  readonly root: string; // absolute
  /** Whether an entry of that digest and size is there; looks at no content. */
  has(digest: Sha256, size?: number): Promise<boolean>;
  /** Streams an entry and hashes it on the way; a StreamFailure `store-entry-corrupt` (unverified-input) at its end when it does not match. */
  read(digest: Sha256): AsyncIterable<Uint8Array>;
  /** A whole entry, verified. */
  readAll(digest: Sha256): Promise<Result<Uint8Array>>;
  /** Adds a stream: temporary file, hash while writing, fsync, rename. Refused when it is not what was expected. */
  add(
    bytes: AsyncIterable<Uint8Array>,
    expected?: { readonly sha256: Sha256; readonly size?: number },
  ): Promise<Result<{ readonly sha256: Sha256; readonly size: number }>>;
  /** Derived files (a decompressed .deb, a parsed index), which can always be made again: verified on the way out; a corrupt one is as good as none. */
  readDerived(kind: string, key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  addDerived(kind: string, key: string, bytes: AsyncIterable<Uint8Array>): Promise<Result<void>>;
  /** Small JSON documents that are state and not content (which image a lock gave), written by rename. */
  readState(kind: string, key: string): Promise<unknown>;
  writeState(kind: string, key: string, value: unknown): Promise<Result<void>>;
}
