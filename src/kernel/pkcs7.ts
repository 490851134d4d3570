import { createPublicKey, type KeyObject, sign, verify, type X509Certificate } from 'node:crypto';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { CONTEXT_0, der, INTEGER, NULL, OCTET_STRING, objectIdentifier, readDer, SEQUENCE, SET } from './der.ts';

/** A private key and the certificate that kernels trust. */
export type Signer = { readonly key: KeyObject; readonly certificate: X509Certificate };

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const SHA512 = '2.16.840.1.101.3.4.2.3';

/**
 * Joins a key and its certificate. RSA alone gives the same signature each time: ECDSA draws a random number for each.
 */
export function signerOf(key: KeyObject, certificate: X509Certificate): Result<Signer> {
  if (key.type !== 'private' || key.asymmetricKeyType !== 'rsa') {
    return refused(
      'key-type',
      'The signing key is not a private RSA key.',
      'Only RSA gives the same signature for the same module each time.',
    );
  }
  const mine = createPublicKey(key).export({ type: 'spki', format: 'der' });
  if (!mine.equals(certificate.publicKey.export({ type: 'spki', format: 'der' }))) {
    return refused(
      'key-certificate',
      'The certificate is not that of the signing key.',
      'Give the certificate that kernels trust and the key that belongs to it.',
    );
  }
  return ok({ key, certificate });
}

function refused(reason: string, message: string, next: string): Result<never> {
  return fail({ kind: 'usage', reason, message, next } satisfies Failure);
}

/**
 * Signs the bytes of a module: a PKCS #7 SignedData (RFC 2315, RFC 5652) of SHA-512 and RSA, detached, without certificates and without
 * signed attributes, so without a time. The same bytes as scripts/sign-file of the kernel writes.
 */
export function signDetached(bytes: Uint8Array, { key, certificate }: Signer): Uint8Array {
  const { issuer, serial } = identityOf(certificate);
  const version = der(INTEGER, Buffer.from([1]));
  const digest = der(SEQUENCE, objectIdentifier(SHA512));
  const signerInfo = der(
    SEQUENCE,
    version,
    der(SEQUENCE, issuer, serial),
    digest,
    der(SEQUENCE, objectIdentifier(RSA_ENCRYPTION), der(NULL)),
    der(OCTET_STRING, sign('sha512', bytes, key)),
  );
  const signedData = der(SEQUENCE, version, der(SET, digest), der(SEQUENCE, objectIdentifier(DATA)), der(SET, signerInfo));
  return der(SEQUENCE, objectIdentifier(SIGNED_DATA), der(CONTEXT_0, signedData));
}

/** Whether a signature that `signDetached` or sign-file made belongs to these bytes and this certificate. */
export function verifyDetached(bytes: Uint8Array, signature: Uint8Array, certificate: X509Certificate): boolean {
  const [outer] = readDer(signature) ?? [];
  const [, tagged] = readDer(outer?.content ?? signature) ?? [];
  const [signedData] = readDer(tagged?.content ?? signature) ?? [];
  const signers = readDer(signedData?.content ?? signature)?.at(-1);
  const [signerInfo] = readDer(signers?.content ?? signature) ?? [];
  const value = readDer(signerInfo?.content ?? signature)?.at(-1);
  return value?.tag === OCTET_STRING && verify('sha512', bytes, certificate.publicKey, value.content);
}

/** Issuer and serial number as they stand in a certificate (RFC 5280, section 4.1), which the signature repeats. */
function identityOf(certificate: X509Certificate): { readonly issuer: Uint8Array; readonly serial: Uint8Array } {
  const [whole] = readDer(certificate.raw) ?? [];
  const [body] = readDer(whole?.content ?? new Uint8Array(0)) ?? [];
  const fields = readDer(body?.content ?? new Uint8Array(0)) ?? [];
  const [serial, , issuer] = fields[0]?.tag === CONTEXT_0 ? fields.slice(1) : fields;
  if (serial?.tag !== INTEGER || issuer?.tag !== SEQUENCE)
    throw new Error('node:crypto accepted a certificate without issuer and serial number.');
  return { issuer: issuer.whole, serial: serial.whole };
}
