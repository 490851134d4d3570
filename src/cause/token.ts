import type { SurroundingName } from '../build/types.ts';
import type { Pair } from './clue.ts';
import { against, isVaried, type Mask, type Masked } from './detector.ts';
import { masked, matchesIn, spanOf } from './swap.ts';
import type { Cause, CauseContext } from './types.ts';

/** Something that a pattern finds on both sides, differently. */
export type Token = Omit<Mask, 'mask'> & {
  readonly pattern: RegExp;
  readonly what: string; // the start of a sentence
  readonly confidence: Cause['confidence'];
  readonly surrounding?: SurroundingName; // that must have been varied
  readonly unsure?: (pair: Pair) => boolean; // whether the text makes it no more than possible
  readonly fits?: (first: RegExpExecArray, second: RegExpExecArray, context: CauseContext) => boolean;
};

/** The mask that looks for a token. */
export function tokenMask(token: Token): Mask {
  const { name, leak, evidence, remedy, link, whole } = token;
  const about = { name, leak, evidence, remedy, link, ...(whole === undefined ? {} : { whole }) };
  return { ...about, mask: (pair, context) => maskedToken(token, pair, context) };
}

function maskedToken(
  { pattern, what, confidence, surrounding, unsure, fits }: Token,
  pair: Pair,
  context: CauseContext,
): Masked | undefined {
  if (surrounding !== undefined && !isVaried(context, surrounding)) return undefined;
  const found = matchesIn(pair, pattern)?.filter(({ first, second }) => fits?.(first, second, context) ?? true);
  const [example] = found ?? [];
  if (found === undefined || example === undefined) return undefined;
  const spans = found.map(({ first, second }) => ({ first: spanOf(first), second: spanOf(second) }));
  const evidence = against(what, example.first[0], example.second[0]);
  const finding = { confidence: unsure?.(pair) ? 'possible' : confidence, evidence, surrounding: surrounding ?? null } as const;
  return { pair: masked(pair, spans), finding };
}
