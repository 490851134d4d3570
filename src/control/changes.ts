import type { SourceText } from '../base/location.ts';
import { fail, type Result } from '../base/result.ts';
import { withoutSignature } from './clear-signed.ts';
import { type DscFile, listedFiles } from './dsc.ts';
import { parseStanzas } from './stanza.ts';

/**
 * The files that a .changes lists with their SHA-256 (deb-changes(5)). A signature around it is taken off and not verified.
 *
 * @returns a failure (changes-malformed, or what the field's own are) with its place
 */
export function parseChanges(file: SourceText): Result<readonly DscFile[]> {
  const bare = withoutSignature(file);
  if (!bare.ok) return bare;
  const stanzas = parseStanzas(bare.value, { comments: false });
  if (!stanzas.ok) return stanzas;
  const [stanza, more] = stanzas.value;
  if (stanza !== undefined && more === undefined) return listedFiles(stanza, 'changes');
  const at = { source: bare.value, start: more?.start ?? 0, end: more?.end ?? 0 };
  return fail({ kind: 'usage', reason: 'changes-malformed', message: 'A .changes has exactly one paragraph.', at });
}
