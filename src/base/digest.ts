import { createHash, type Hash } from 'node:crypto';

/** SHA-256 as 64 lower-case hex digits. Only the functions of this file make one. */
export type Sha256 = string & { readonly __sha256: unique symbol };

/** The digest that the text spells (64 hex digits, with or without `sha256:` in front), or undefined. */
export function parseSha256(text: string): Sha256 | undefined {
  const digits = text.startsWith('sha256:') ? text.slice(7) : text;
  return /^[0-9a-f]{64}$/.test(digits) ? (digits as Sha256) : undefined;
}

/** The digest of bytes, or of a text as UTF-8. */
export function sha256(bytes: Uint8Array | string): Sha256 {
  return createHash('sha256').update(bytes).digest('hex') as Sha256;
}

/** A hash that is fed piece by piece. `fork` gives a second one that has seen the same so far. */
export type Sha256Stream = { update(bytes: Uint8Array): void; fork(): Sha256Stream; digest(): Sha256; readonly size: number };

/** A new hash. */
export function sha256Stream(): Sha256Stream {
  return streamOf(createHash('sha256'), 0);
}

function streamOf(hash: Hash, seen: number): Sha256Stream {
  let size = seen;
  return {
    update(bytes) {
      size += bytes.length;
      hash.update(bytes);
    },
    fork: () => streamOf(hash.copy(), size),
    digest: () => hash.digest('hex') as Sha256,
    get size() {
      return size;
    },
  };
}

/** Hashes a byte stream to its end without holding it; gives the digest and the length in bytes. */
export async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<{ digest: Sha256; size: number }> {
  const hash = sha256Stream();
  for await (const piece of bytes) hash.update(piece);
  return { digest: hash.digest(), size: hash.size };
}
