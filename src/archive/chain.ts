import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Lock, LockedFile, LockedPackage, LockedSuite } from '../lock/types.ts';
import type { Container } from '../recipe/recipe.ts';
import type { Store } from '../store/types.ts';
import { isoDate, readInRelease } from './in-release.ts';
import { indicesOf, readIndex } from './indices.ts';
import type { Keyring } from './keyring.ts';
import { packageMap, sourceMap } from './packages.ts';
import { keyringOf } from './read.ts';
import type { IndexText } from './stanzas.ts';
import type { PackageMap, SourcePackage } from './types.ts';

/** Whether the whole chain was followed, or could not be as the store does not hold the signed lists of that time. */
export type ChainVerdict = 'verified' | 'not-in-store';

/**
 * Follows the chain of a lock without a network: keyring, InRelease (by the digest in the lock), digest of each index, stanza, digest of each file. Works
 * years later, as signatures are judged at the time when they were made.
 *
 * Failures of kind unverified-input: of the signature, `lock-other-date`, `lock-not-in-archive` with all files that no list names.
 */
export async function verifyChain(
  lock: Lock,
  store: Store,
  keys: { readonly debian: Keyring; readonly container: Pick<Container, 'archives'> },
): Promise<Result<ChainVerdict>> {
  const texts: Texts = { packages: [], sources: [] };
  for (const suite of lock.suites) {
    const keyring = await keyringOf(suite.archive, keys.debian, keys.container.archives);
    if (!keyring.ok) return keyring;
    const read = await readSuite(suite, { lock, store, keyring: keyring.value, texts });
    if (!read.ok || read.value === 'not-in-store') return read;
  }
  const strangers = strangersOf(lock, texts);
  return strangers.length === 0 ? ok('verified') : fail(notInArchive(strangers));
}

type Texts = { readonly packages: IndexText[]; readonly sources: IndexText[] };

/** Verifies the lists of one suite and adds them to `texts`. */
async function readSuite(
  { archive, suite, components, inRelease, date }: LockedSuite,
  { lock, store, keyring, texts }: { readonly lock: Lock; readonly store: Store; readonly keyring: Keyring; readonly texts: Texts },
): Promise<Result<ChainVerdict>> {
  if (!(await store.has(inRelease))) return ok('not-in-store');
  const signed = await readInRelease({ archive, suite, keyring }, inRelease, store);
  if (!signed.ok) return signed;
  const signedDate = isoDate(signed.value.release.dateSeconds);
  if (signedDate !== date) return fail(otherDate(archive, suite, date, signedDate));
  const indices = indicesOf(signed.value, { components, architecture: lock.architecture, required: false });
  if (!indices.ok) return indices;
  for (const index of indices.value) {
    const read = await readIndex(index, store);
    if (!read.ok) return read;
    if (read.value === undefined) return ok('not-in-store');
    texts[index.kind].push({ archive, suite, name: `${archive} ${suite} ${index.path}`, bytes: read.value.bytes });
  }
  return ok('verified');
}

/** The files of a lock that no stanza names. */
function strangersOf(lock: Lock, texts: Texts): readonly LockedFile[] {
  const binaries = packageMap(texts.packages, () => undefined);
  const known = sourceMap(texts.sources, () => undefined);
  const packages: readonly LockedFile[] = [...lock.packages, ...(lock.tools ?? [])].filter((each) => !namesPackage(binaries, each));
  const files = lock.sources.flatMap((source) => {
    if (source.kind !== 'debian') return []; // the recipe itself names the digest or the commit of every other kind
    return source.files.filter((file) => !namesSource(known.get(source.name) ?? [], source.version, file));
  });
  return [...packages, ...files];
}

function namesPackage(binaries: PackageMap, wanted: LockedPackage): boolean {
  return (binaries.get(wanted.name) ?? []).some(
    (each) =>
      each.archive === wanted.archive &&
      each.version === wanted.version &&
      each.architecture === wanted.architecture &&
      each.filename === wanted.path &&
      each.size === wanted.size &&
      each.sha256 === wanted.sha256,
  );
}

function namesSource(known: readonly SourcePackage[], version: string, wanted: LockedFile): boolean {
  const candidates = known.filter((each) => each.archive === wanted.archive && each.version === version);
  return candidates.some(({ directory, files }) =>
    files.some(
      ({ name, size, sha256 }) =>
        (directory === '' ? name : `${directory}/${name}`) === wanted.path && size === wanted.size && sha256 === wanted.sha256,
    ),
  );
}

function otherDate(archive: string, suite: string, locked: string, signed: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'lock-other-date',
    message: `the lock says that ${archive} ${suite} is of ${escapeControl(locked)}, its signed list says ${signed}`,
    next: 'The lock was changed by hand. Take it from a place that you trust, or resolve it anew with `twinbuild lock`.',
  };
}

function notInArchive(strangers: readonly LockedFile[]): Failure {
  return {
    kind: 'unverified-input',
    reason: 'lock-not-in-archive',
    message: `the lock names ${strangers.length === 1 ? 'a file' : `${strangers.length} files`} that the signed archive does not have`,
    next: 'The lock was changed by hand, or was not made from this archive. Take it from a place that you trust, or resolve it anew with `twinbuild lock`.',
    details: strangers.map(({ archive, path, sha256 }) => `${escapeControl(archive)} ${escapeControl(path)} sha256 ${sha256}`),
  };
}
