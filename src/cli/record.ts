import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { readKeyring } from '../archive/keyring.ts';
import { verifyInRelease } from '../archive/signature.ts';
import { sha256Of } from '../base/digest.ts';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, failureOf, ok, type Result } from '../base/result.ts';
import { type BuildRecord, parseRecord } from '../control/record.ts';
import { fileOpening } from '../deb/opening.ts';
import { isPackage, type Published } from '../rebuild/compare.ts';
import { decodeText } from '../recipe/text.ts';
import type { Verification } from '../report/verify.ts';
import type { World } from './world.ts';

/** A .buildinfo that was read, and how far somebody vouches for it. */
export type ReadRecord = {
  readonly file: SourceText; // the text that was parsed: the signed one
  readonly path: string; // absolute
  readonly record: BuildRecord;
} & Pick<Verification, 'signature' | 'signedBy'>;

const MOST_BYTES = 16 * 1024 * 1024;
const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';

/**
 * Reads a .buildinfo. With a keyring its signature must be a valid one of it; without, it is taken off unchecked.
 *
 * Failures: usage with its place for what is malformed; unverified-input for the signature, signature-missing too when a keyring was given.
 */
export async function readRecord(world: World, name: string, keyringPath: string | undefined): Promise<Result<ReadRecord>> {
  const path = resolve(world.root, name);
  const bytes = await bytesOf(path, name);
  if (!bytes.ok) return bytes;
  const whole = decodeText(bytes.value, name);
  if (!whole.ok) return whole;
  const isSigned = whole.value.text.trimStart().startsWith(BEGIN);
  if (keyringPath === undefined) {
    const record = parseRecord(whole.value);
    return record.ok
      ? ok({ file: whole.value, path, record: record.value, signature: isSigned ? 'unchecked' : 'none', signedBy: [] })
      : record;
  }
  const keyring = await readKeyring(resolve(world.root, keyringPath));
  if (!keyring.ok) {
    if (keyring.error.reason !== 'keyring-missing') return keyring;
    const next = 'Name a file with the public keys of who signed it.';
    return fail({ ...keyring.error, kind: 'usage', message: `There is no keyring ${keyringPath}`, next });
  }
  const signed = await verifyInRelease(bytes.value, keyring.value);
  if (!signed.ok) return fail(signatureFailure(signed.error, name));
  // Empty lines in place of the wrapper's, so that places are those of the file.
  const above = whole.value.text.split('\n').findIndex((line) => line.trim() === '') + 1;
  const file = { name, text: `${'\n'.repeat(above)}${signed.value.text}` };
  const record = parseRecord(file);
  return record.ok ? ok({ file, path, record: record.value, signature: 'verified', signedBy: signed.value.signedBy }) : record;
}

async function bytesOf(path: string, name: string): Promise<Result<Buffer>> {
  const unreadable = (reason: string, message: string): Failure => ({ kind: 'usage', reason, message });
  try {
    await using file = await open(path, 'r');
    const about = await file.stat();
    if (!about.isFile()) return fail(unreadable('not-a-file', `${name} is not a file`));
    if (about.size > MOST_BYTES) return fail(unreadable('file-too-large', `${name} has ${about.size} bytes; that is no .buildinfo`));
    return ok(await file.readFile());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return fail(
      unreadable('file-unreadable', `${name} ${code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code})`}`),
    );
  }
}

function signatureFailure(failure: Failure, name: string): Failure {
  return {
    ...failure,
    message: `${name}: ${failure.message}`,
    next: 'Nothing was built. Get the file and the keyring of who signed it by a way that you trust, or leave --keyring out to rebuild it without knowing who vouches for it.',
  };
}

/** The packages that a record names, with the files that are given or lie beside it. */
export type Gathered = { readonly published: readonly Published[]; readonly dsc: string | undefined }; // dsc: absolute path

/**
 * Finds the published packages among the files on the command line and beside the .buildinfo. One that is given must be the recorded one; one that
 * merely lies there and is another is passed over with a warning.
 *
 * Failures: usage for what is no part of the record; unverified-input digest-mismatch, with all that are wrong.
 */
export async function gather(world: World, read: ReadRecord, given: readonly string[]): Promise<Result<Gathered>> {
  const { path, record } = read;
  const files = new Map(given.map((one) => [basename(one), resolve(world.root, one)]));
  const beside = new Set(await readdir(dirname(path)).catch(() => [] as string[]));
  const packages = record.files.filter(isPackage);
  if (packages.length === 0) {
    const message = `${basename(path)} names no binary package: there is nothing to rebuild`;
    return fail({ kind: 'usage', reason: 'nothing-recorded', message });
  }
  const stranger = [...files.keys()].find((name) => !packages.some((one) => one.name === name) && !name.endsWith('.dsc'));
  if (stranger !== undefined) return fail(strangerFailure(stranger, path, packages));
  const published: Published[] = [];
  const wrong: string[] = [];
  for (const one of packages) {
    const asked = files.get(one.name);
    const held = await heldFile(one, asked ?? (beside.has(one.name) ? join(dirname(path), one.name) : undefined));
    if (!held.ok) return held;
    const { path: at, other } = held.value;
    if (other !== undefined && asked !== undefined) wrong.push(`${one.name}: recorded ${one.sha256} (${one.size} bytes), given ${other}`);
    if (other !== undefined && asked === undefined)
      world.running.tell({
        kind: 'warning',
        text: `beside ${relative(world.root, path)} lies another ${one.name} than it records: passed over`,
      });
    published.push({ ...one, path: at });
  }
  if (wrong.length > 0) return fail(wrongFailure(wrong, path));
  const dscName = `${record.source}_${record.sourceVersion.replace(/^\d+:/, '')}.dsc`;
  const dsc = [...files].find(([name]) => name.endsWith('.dsc'))?.[1] ?? (beside.has(dscName) ? join(dirname(path), dscName) : undefined);
  return ok({ published, dsc });
}

function strangerFailure(stranger: string, path: string, packages: BuildRecord['files']): Failure {
  return {
    kind: 'usage',
    reason: 'not-recorded',
    message: `${stranger} is no package that ${basename(path)} names`,
    next: `It names ${packages.map(({ name }) => name).join(', ')}.`,
  };
}

function wrongFailure(wrong: readonly string[], path: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'digest-mismatch',
    message: `${wrong.length === 1 ? 'A package that was given is' : `${wrong.length} packages that were given are`} not what ${basename(path)} records`,
    next: 'Nothing was built. Get the packages and the .buildinfo from the same place again.',
    details: wrong,
  };
}

/** The file at a path when it is the recorded one; else the digest that it has instead. */
async function heldFile(
  { size, sha256 }: BuildRecord['files'][number],
  path: string | undefined,
): Promise<Result<{ readonly path: string | undefined; readonly other: string | undefined }>> {
  if (path === undefined) return ok({ path, other: undefined });
  try {
    const is = await sha256Of(fileOpening(path)());
    const fits = is.digest === sha256 && is.size === size;
    return ok(fits ? { path, other: undefined } : { path: undefined, other: `${is.digest} (${is.size} bytes)` });
  } catch (error) {
    return fail(failureOf(error));
  }
}
