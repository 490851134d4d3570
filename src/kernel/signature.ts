import { type Sha256, sha256, sha256Stream } from '../base/digest.ts';

/** A module and the signature behind it, as scripts/sign-file of the kernel appends it (Documentation/admin-guide/module-signing.rst). */
export type SignedModule = {
  readonly body: Uint8Array; // what is signed
  readonly signature: Uint8Array | undefined; // PKCS #7, DER; undefined: the module is not signed
};

const MAGIC = Buffer.from('~Module signature appended~\n', 'latin1');
const DESCRIPTION_BYTES = 12; // struct module_signature: algo, hash, id_type, signer_len, key_id_len, 3 of padding, sig_len (big endian)
const ID_TYPE = 2;
const PKCS7 = 2; // PKEY_ID_PKCS7

/**
 * Takes the signature off a module. What claims to be signed but is not whole stays as it is, without a signature: then the bytes
 * themselves tell the difference.
 */
export function splitModule(bytes: Uint8Array): SignedModule {
  const unsigned = { body: bytes, signature: undefined };
  const magicAt = bytes.length - MAGIC.length;
  const descriptionAt = magicAt - DESCRIPTION_BYTES;
  if (descriptionAt < 0 || !MAGIC.equals(bytes.subarray(magicAt))) return unsigned;
  const description = new DataView(bytes.buffer, bytes.byteOffset + descriptionAt, DESCRIPTION_BYTES);
  const size = description.getUint32(8);
  if (description.getUint8(ID_TYPE) !== PKCS7 || size > descriptionAt) return unsigned;
  return { body: bytes.subarray(0, descriptionAt - size), signature: bytes.subarray(descriptionAt - size, descriptionAt) };
}

/** A signature and what stands behind it are shorter: RSA of 4096 bits gives less than one KiB, with certificates in it a few. */
const MOST_TAIL_BYTES = 256 * 1024;

/** The digests of a module without its signature, and of the signature. Reads the bytes once and holds their end only. */
export async function digestUnsigned(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly body: Sha256; readonly signature: Sha256 | undefined }> {
  const hash = sha256Stream();
  let tail = Buffer.alloc(0);
  for await (const piece of bytes) {
    const held = Buffer.concat([tail, piece]);
    const sure = Math.max(0, held.length - MOST_TAIL_BYTES);
    hash.update(held.subarray(0, sure));
    tail = held.subarray(sure);
  }
  const { body, signature } = splitModule(tail);
  hash.update(body);
  return { body: hash.digest(), signature: signature && sha256(signature) };
}

/** Puts a signature behind a module, as `sign-file -s` does. */
export function joinModule({ body, signature }: SignedModule): Uint8Array {
  if (signature === undefined) return body;
  const description = Buffer.alloc(DESCRIPTION_BYTES);
  description.writeUInt8(PKCS7, ID_TYPE);
  description.writeUInt32BE(signature.length, 8);
  return Buffer.concat([body, signature, description, MAGIC]);
}
