import type { SourceText } from '../base/location.ts';
import type { Result } from '../base/result.ts';
import { type DscFile, listedFiles } from './dsc.ts';
import { onlyStanza } from './paragraph.ts';

/**
 * The files that a .changes lists with their SHA-256 (deb-changes(5)). A signature around it is taken off and not verified.
 *
 * @returns a failure (changes-malformed, or what the field's own are) with its place
 */
export function parseChanges(file: SourceText): Result<readonly DscFile[]> {
  const only = onlyStanza(file, 'A .changes', { kind: 'usage', reason: 'changes-malformed' });
  return only.ok ? listedFiles(only.value, 'changes') : only;
}
