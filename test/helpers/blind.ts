import { ORDERS } from './blind-chance.ts';
import { FORMATS, FORMATS_NEED } from './blind-formats.ts';
import { MODULE_NEEDS, MODULES } from './blind-module.ts';
import { PACKED } from './blind-packed.ts';
import { WORDS } from './blind-words.ts';
import type { CorpusPackage } from './corpus.ts';
import { FRESH_FORMATS } from './fresh-formats.ts';
import { FRESH_WORDS } from './fresh-words.ts';

/** Built one after the other, so that what is exact to a second differs. */
const APART = '--sequential';

/**
 * Packages that were written down before anybody looked at what the detectors say of them. `first` is what they said at that moment; mends since
 * then have made the packages part of what the detectors were written with.
 */
export const BLIND: readonly CorpusPackage[] = [
  { name: 'blind-words', flags: [APART], leaks: [...WORDS, ...ORDERS] },
  { name: 'blind-formats', flags: [APART], leaks: [...FORMATS, ...PACKED], needs: FORMATS_NEED },
  { name: 'fresh-words', flags: [APART], leaks: FRESH_WORDS },
  { name: 'fresh-formats', flags: [APART], leaks: FRESH_FORMATS, needs: FORMATS_NEED },
  { name: 'blind-module', flags: [APART], leaks: MODULES, needs: MODULE_NEEDS },
];
