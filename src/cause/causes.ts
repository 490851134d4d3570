import type { ArtefactVerdict } from '../deb/types.ts';
import type { Cause, CauseContext } from './types.ts';

/** Why an artefact's two sides differ, as far as the evidence goes. */
export function causesOf(_artefact: ArtefactVerdict, _context: CauseContext): readonly Cause[] {
  return [];
}
