import { StreamFailure } from '../base/result.ts';

/**
 * The failure for foreign bytes that are not what they should be.
 *
 * @param reason a stable word for programs, such as `tar-truncated`
 * @param message one sentence; names stay as they are: whoever prints the message escapes it
 * @param cause the decoder's own error, if there is one
 */
export function malformed(reason: string, message: string, cause?: unknown): StreamFailure {
  return new StreamFailure({ kind: 'unverified-input', reason, message, ...(cause === undefined ? {} : { cause }) });
}
