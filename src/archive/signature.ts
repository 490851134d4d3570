import { type CleartextMessage, type Key, readCleartextMessage, verify } from 'openpgp';
import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Keyring } from './keyring.ts';

/** What a keyring vouches for. Only this text may be parsed, never the file around it. */
export type Signed = {
  readonly text: string;
  readonly signedBy: readonly string[]; // fingerprints of the primary keys, upper-case hex
  readonly signedSeconds: number; // when, as the newest valid signature has it
};

type VerificationResult = Awaited<ReturnType<typeof verifying>>['signatures'][number];

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

/**
 * Verifies a clear-signed file (RFC 9580, 7). Accepted is exactly one signed block, nothing around it, with at least one valid signature of the
 * keyring and no wrong one; signatures of unknown keys do not count, as apt has it. openpgp refuses MD5, SHA-1 and RIPEMD, and keys that had
 * expired when they signed.
 *
 * @param nowSeconds when given, a key that has expired by then is refused, too; undefined for a file that a lock names by its digest
 * @returns failures of kind unverified-input: signature-missing, signature-junk, signature-malformed, signature-unknown-key, signature-expired-key,
 *   signature-weak, signature-wrong
 */
export async function verifyInRelease(bytes: Uint8Array, keyring: Keyring, nowSeconds?: number): Promise<Result<Signed>> {
  const shape = oneBlock(bytes);
  if (!shape.ok) return shape;
  let message: CleartextMessage;
  let verified: Awaited<ReturnType<typeof verifying>>;
  try {
    message = await readCleartextMessage({ cleartextMessage: shape.value });
    verified = await verifying(message, keyring);
  } catch (error) {
    return fail(refusal('signature-malformed', `the signature cannot be read: ${words(error)}`, error));
  }
  return judge(verified.data, verified.signatures, keyring, nowSeconds);
}

async function verifying(message: CleartextMessage, keyring: Keyring) {
  // The clock of this machine has no say: whether a key had expired is judged at the time of the signature, and below at `nowSeconds`.
  return await verify({ message, verificationKeys: [...keyring.keys], date: null as unknown as Date });
}

async function judge(
  text: string,
  signatures: readonly VerificationResult[],
  keyring: Keyring,
  nowSeconds: number | undefined,
): Promise<Result<Signed>> {
  const signedBy: string[] = [];
  const problems: Failure[] = [];
  let signedSeconds = 0;
  for (const signature of signatures) {
    const id = signature.keyID.toHex().toUpperCase();
    const key = keyring.keys.find((each) => each.getKeys(signature.keyID).length > 0);
    if (!key) continue;
    try {
      await signature.verified;
      const created = (await signature.signature).packets[0]?.created ?? undefined;
      if (created === undefined) throw new Error('it has no time');
      const expired = nowSeconds === undefined ? undefined : await expiry(key, id, nowSeconds);
      if (expired !== undefined) {
        problems.push(refusal('signature-expired-key', expired));
        continue;
      }
      signedBy.push(key.getFingerprint().toUpperCase());
      signedSeconds = Math.max(signedSeconds, created.getTime() / 1000);
    } catch (error) {
      problems.push(problemOf(error, id));
    }
  }
  // One wrong signature of a key that we know spoils all: somebody changed the text and left the rest.
  const wrong = problems.find(({ reason }) => reason === 'signature-wrong');
  if (wrong) return fail(wrong);
  if (signedBy.length > 0) return ok({ text, signedBy, signedSeconds });
  return fail(problems[0] ?? unknownKey(signatures, keyring));
}

/** Why a key may not be used at a time, undefined when it may. */
async function expiry(key: Key, id: string, nowSeconds: number): Promise<string | undefined> {
  try {
    const keyId = key
      .getKeys()
      .find((each) => each.getKeyID().toHex().toUpperCase() === id)
      ?.getKeyID();
    await key.getSigningKey(keyId, new Date(nowSeconds * 1000));
    return undefined;
  } catch (error) {
    return `the key ${id} may not be used any more: ${words(error)}`;
  }
}

function problemOf(error: unknown, id: string): Failure {
  const text = words(error);
  if (/insecure|weak|hash algorithm|rejected|disallowed|less than|bits/i.test(text))
    return refusal('signature-weak', `the signature of ${id} is too weak: ${text}`, error);
  if (/expired|revoked|future|newer than/i.test(text))
    return refusal('signature-expired-key', `the signature of ${id} is not valid: ${text}`, error);
  return refusal('signature-wrong', `the signature of ${id} does not fit the text: ${text}`, error);
}

function unknownKey(signatures: readonly VerificationResult[], keyring: Keyring): Failure {
  const ids = signatures.map(({ keyID }) => keyID.toHex().toUpperCase()).join(', ');
  return {
    ...refusal(
      'signature-unknown-key',
      signatures.length === 0 ? 'there is no signature' : `no key of the keyring ${keyring.name} made the signature (signed by ${ids})`,
    ),
    next: 'If the archive has a new key, get it by a way that you trust and add it to the keyring (docs/keyrings.md); otherwise do not use this mirror.',
  };
}

/** The file as text when it is one clear-signed block and nothing else. */
function oneBlock(bytes: Uint8Array): Result<string> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    return fail(refusal('signature-malformed', 'the file is not text in UTF-8', error));
  }
  // Lines of the signed text that start with a dash are escaped, so these three can only be the wrapper's own.
  const marks = text.split('\n').flatMap((line, number) => (line.startsWith('-----') ? [{ line: line.trimEnd(), number }] : []));
  const shape = marks.map(({ line }) => line);
  if (!shape.includes(BEGIN)) return fail(refusal('signature-missing', 'the file is not signed'));
  if (shape.length !== 3 || shape[0] !== BEGIN || shape[1] !== SIGNATURE || shape[2] !== END) {
    return fail(refusal('signature-malformed', 'the file is not exactly one signed text'));
  }
  const after = text.slice(text.lastIndexOf(END) + END.length);
  if (!text.startsWith(BEGIN) || after.trim() !== '')
    return fail(refusal('signature-junk', 'there is text around the signed one, which nobody signed'));
  return ok(text);
}

function words(error: unknown): string {
  return escapeControl(error instanceof Error ? error.message : String(error));
}

function refusal(reason: string, message: string, cause?: unknown): Failure {
  return {
    kind: 'unverified-input',
    reason,
    message,
    next: 'Nothing of it was used. Try again or name another mirror with TWINBUILD_MIRROR; if it happens again, somebody may be changing your downloads.',
    ...(cause === undefined ? {} : { cause }),
  };
}
