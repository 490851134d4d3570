import type { SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { withoutSignature } from './clear-signed.ts';
import { parseStanzas, type Stanza } from './stanza.ts';

/**
 * The one paragraph of a file that has exactly one: a .dsc, a .changes, a .buildinfo. A signature around it is taken off and not verified.
 *
 * @param what the file with its article, for the message
 * @param problem the kind of the failure and its reason when there is no paragraph, or more than one
 */
export function onlyStanza(file: SourceText, what: string, problem: Pick<Failure, 'kind' | 'reason' | 'next'>): Result<Stanza> {
  const bare = withoutSignature(file);
  if (!bare.ok) return bare;
  const stanzas = parseStanzas(bare.value, { comments: false });
  if (!stanzas.ok) return stanzas;
  const [stanza, more] = stanzas.value;
  if (stanza !== undefined && more === undefined) return ok(stanza);
  const at = { source: bare.value, start: more?.start ?? 0, end: more?.start ?? 0 };
  return fail({ ...problem, message: `${what} has exactly one paragraph.`, at });
}
