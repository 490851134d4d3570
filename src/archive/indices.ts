import { type Sha256, sha256 } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { fail, failureOf, ok, type Result } from '../base/result.ts';
import { type Compression, compressionOf, decompress } from '../format/compress.ts';
import { ARCHIVE_LIMITS } from '../format/limits.ts';
import type { Store } from '../store/types.ts';
import type { SignedSuite } from './in-release.ts';

/** An index of a suite, as its Release file names it. */
export type SignedIndex = {
  readonly archive: string;
  readonly suite: string;
  readonly kind: 'packages' | 'sources';
  readonly path: string; // without the end for the compression, below the Release file
  readonly transfer: { readonly path: string; readonly compression: Compression; readonly size: number; readonly sha256: Sha256 };
  readonly plain: { readonly size: number; readonly sha256: Sha256 } | undefined; // undefined: the Release file names only the compressed form
};

const FORMS = ['.xz', '.gz', '.zst', ''];

/** What a container wants of a suite. */
export type IndexWish = { readonly components: readonly string[]; readonly architecture: string; readonly required: boolean };

/**
 * The indices of a suite: Packages of the architecture and of `all` as apt reads them, and Sources.
 *
 * A component or an architecture that the suite does not have is a failure (usage: component-unknown, architecture-unknown) when the suite is
 * required. Updates of a suite may have less than the suite.
 */
export function indicesOf(signed: SignedSuite, wish: IndexWish): Result<readonly SignedIndex[]> {
  const { release, suite, archive } = signed;
  const has = new Set(release.components.flatMap((component) => [component, component.replace(/^.*\//, '')]));
  const found: SignedIndex[] = [];
  for (const component of suite.endsWith('/') ? [''] : wish.components) {
    if (component !== '' && has.size > 0 && !has.has(component)) {
      if (!wish.required) continue;
      return fail({
        kind: 'usage',
        reason: 'component-unknown',
        message: `${archive} ${suite} has no component ${component}`,
        next: `It has ${escapeControl(release.components.join(', '))}.`,
      });
    }
    const packages = architecturesOf(signed, wish.architecture).flatMap((name) =>
      indexAt(signed, 'packages', component === '' ? 'Packages' : `${component}/binary-${name}/Packages`),
    );
    if (packages.length === 0 && wish.required) {
      return fail({
        kind: 'usage',
        reason: 'architecture-unknown',
        message: `${archive} ${suite} ${component} has no packages for ${wish.architecture}`,
        next: `It has ${escapeControl(release.architectures.join(', ')) || 'none that it names'}.`,
      });
    }
    found.push(...packages, ...indexAt(signed, 'sources', component === '' ? 'Sources' : `${component}/source/Sources`));
  }
  return ok(found);
}

/** The text of an index from what is in the store; undefined when neither form is there. It is added to the store in its plain form. */
export async function readIndex(
  index: SignedIndex,
  store: Store,
): Promise<Result<{ readonly bytes: Buffer; readonly digest: Sha256 } | undefined>> {
  if (index.plain && (await store.has(index.plain.sha256, index.plain.size))) return whole(store, index.plain.sha256);
  if (index.plain?.size === 0) return unpacked(index, store, each([]));
  const { compression, size, sha256 } = index.transfer;
  if (!(await store.has(sha256, size))) return ok(undefined);
  const limits = { ...ARCHIVE_LIMITS, totalBytes: index.plain?.size ?? ARCHIVE_LIMITS.totalBytes };
  return unpacked(index, store, decompress(compression, store.read(sha256), limits));
}

/** Whether an index need not be fetched. */
export async function isThere(index: SignedIndex, store: Store): Promise<boolean> {
  if (index.plain?.size === 0) return true;
  return (
    (index.plain !== undefined && (await store.has(index.plain.sha256, index.plain.size))) ||
    (await store.has(index.transfer.sha256, index.transfer.size))
  );
}

async function unpacked(
  index: SignedIndex,
  store: Store,
  stream: AsyncIterable<Uint8Array>,
): Promise<Result<{ readonly bytes: Buffer; readonly digest: Sha256 }>> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of stream) pieces.push(piece);
  } catch (error) {
    return fail(failureOf(error));
  }
  const bytes = Buffer.concat(pieces);
  const digest = sha256(bytes);
  if (index.plain && index.plain.sha256 !== digest) {
    return fail({
      kind: 'unverified-input',
      reason: 'index-mismatch',
      message: `${index.archive} ${index.suite} ${index.path} unpacks to something else than its signed Release file says`,
      next: 'Nothing of it was used. Tell the owner of the archive, or name another mirror.',
    });
  }
  const added = await store.add(each(pieces), { sha256: digest, size: bytes.length });
  return added.ok ? ok({ bytes, digest }) : added;
}

async function whole(store: Store, digest: Sha256): Promise<Result<{ readonly bytes: Buffer; readonly digest: Sha256 }>> {
  const bytes = await store.readAll(digest);
  return bytes.ok ? ok({ bytes: Buffer.from(bytes.value.buffer, bytes.value.byteOffset, bytes.value.length), digest }) : bytes;
}

/** As apt: packages for all architectures stand in an index of their own only where the Release file says so. */
function architecturesOf({ release }: SignedSuite, architecture: string): readonly string[] {
  const separateAll = !release.noPackagesForAll && (release.architectures.length === 0 || release.architectures.includes('all'));
  return separateAll ? [architecture, 'all'] : [architecture];
}

function indexAt({ archive, suite, release }: SignedSuite, kind: SignedIndex['kind'], path: string): readonly SignedIndex[] {
  for (const form of FORMS) {
    const transfer = release.indices.get(path + form);
    if (transfer)
      return [
        {
          archive,
          suite,
          kind,
          path,
          plain: release.indices.get(path),
          transfer: { path: path + form, compression: compressionOf(path + form), ...transfer },
        },
      ];
  }
  return [];
}

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}
