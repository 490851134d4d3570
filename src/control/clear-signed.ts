import type { SourceText } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const END = '-----END PGP SIGNATURE-----';

/**
 * The text inside of a clear-signed file (RFC 9580, 7), or the file itself when it is not signed. **Nothing is verified here**: it is for files whose
 * digest is known from elsewhere. The lines of the wrapper become empty ones, so that line numbers stay.
 *
 * @returns a failure when the wrapper is not whole, or when there is text outside of it, which a reader could take for signed
 */
export function withoutSignature(file: SourceText): Result<SourceText> {
  const lines = file.text.split('\n');
  const begin = lines.findIndex((line) => line.trim() !== '');
  if (lines[begin]?.trimEnd() !== BEGIN) return ok(file);
  const body = lines.findIndex((line, index) => index > begin && line.trim() === '');
  const signature = lines.findIndex((line, index) => index > body && line.trimEnd() === SIGNATURE);
  const end = lines.findIndex((line, index) => index > signature && line.trimEnd() === END);
  const broken = body === -1 || signature === -1 || end === -1;
  const behind = lines.findIndex((line, index) => index > end && line.trim() !== '');
  if (broken || behind !== -1) {
    const message = broken ? 'The signature around this file is not whole.' : 'There is text behind the signature.';
    const at = broken ? begin : behind;
    const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
    return fail({
      kind: 'unverified-input',
      reason: 'control-signature',
      message,
      at: { source: file, start, end: start + (lines[at]?.length ?? 0) },
    });
  }
  const signed = lines.slice(body + 1, signature).map((line) => (line.startsWith('- ') ? line.slice(2) : line));
  return ok({ name: file.name, text: [...Array<string>(body + 1).fill(''), ...signed].join('\n').concat('\n') });
}
