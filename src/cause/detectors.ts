import { BINARY_DETECTORS } from './binaries.ts';
import { DATE_MASKS } from './dates.ts';
import type { Detector, Mask } from './detector.ts';
import { JAVADOC_DETECTORS } from './javadoc.ts';
import { ENVIRONMENT_MASK, LITERAL_MASKS } from './literals.ts';
import { MEMBER_DETECTORS } from './members.ts';
import { ORDER_DETECTORS } from './order.ts';
import { ECHO_MASK, TRANSLATION_MASK } from './speech.ts';
import { TOKEN_MASKS } from './tokens.ts';

/** Those that look at a difference as a whole; the first that finds something is the one. */
export const DETECTORS: readonly Detector[] = [
  ...BINARY_DETECTORS.filter(({ name }) => name === 'signature' || name === 'profile'),
  ...MEMBER_DETECTORS,
  ...BINARY_DETECTORS.filter(({ name }) => name !== 'signature' && name !== 'profile'),
  ...JAVADOC_DETECTORS,
  ...ORDER_DETECTORS,
];

/** Those that look at texts, in this order: what is sure and long before what is short and could be anything. */
export const MASKS: readonly Mask[] = [ENVIRONMENT_MASK, ...LITERAL_MASKS, ...DATE_MASKS, ...TOKEN_MASKS, ECHO_MASK, TRANSLATION_MASK];
