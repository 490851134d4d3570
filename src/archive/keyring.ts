import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Key, readKeys } from 'openpgp';
import { byBytes } from '../base/order.ts';
import { fail, ok, type Result } from '../base/result.ts';

/** Public keys that vouch for one archive. */
export type Keyring = { readonly name: string; readonly keys: readonly Key[] };

/**
 * Reads all keyrings of a folder (`*.asc`, `*.gpg`) as one. A new key is trusted by adding its file there, an old one is dropped by removing it.
 * Failures (unverified-input): keyring-missing when there is none, keyring-malformed.
 */
export async function readKeyringFolder(folder: string): Promise<Result<Keyring>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /\.(asc|gpg)$/.test(name)).sort(byBytes);
  if (names.length === 0) return fail(missing(folder));
  const keys: Key[] = [];
  for (const name of names) {
    const keyring = await readKeyring(join(folder, name));
    if (!keyring.ok) return keyring;
    keys.push(...keyring.value.keys);
  }
  return ok({ name: basename(folder), keys });
}

/** Reads one keyring, armoured or binary. Failures as of readKeyringFolder. */
export async function readKeyring(path: string): Promise<Result<Keyring>> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return fail(missing(path));
  const keys = await parseKeys(bytes);
  if (keys !== undefined && keys.length > 0 && keys.every((key) => !key.isPrivate())) return ok({ name: basename(path), keys });
  return fail({
    kind: 'unverified-input',
    reason: 'keyring-malformed',
    message: `${path} is no OpenPGP keyring of public keys`,
    next: 'Export the public keys anew, for example with `gpg --export --armor FINGERPRINT`.',
  });
}

async function parseKeys(bytes: Uint8Array): Promise<readonly Key[] | undefined> {
  try {
    const text = Buffer.from(bytes).toString('latin1').trimStart();
    return await (text.startsWith('-----BEGIN PGP') ? readKeys({ armoredKeys: text }) : readKeys({ binaryKeys: bytes }));
  } catch {
    return undefined; // openpgp throws plain errors with words only
  }
}

function missing(path: string) {
  return {
    kind: 'unverified-input',
    reason: 'keyring-missing',
    message: `there is no keyring at ${path}`,
    next: 'Without a keyring nothing can be verified: put the public keys of the archive there.',
  } as const;
}
