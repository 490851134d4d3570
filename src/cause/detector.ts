import type { SurroundingName } from '../build/types.ts';
import type { Clue, Pair } from './clue.ts';
import type { Cause, CauseContext } from './types.ts';

/** What a detector saw. */
export type Finding = {
  readonly confidence: Cause['confidence'];
  readonly evidence: string; // one sentence
  readonly surrounding: SurroundingName | null;
  readonly remedy?: string; // when the place asks for another one than the detector's
};

type About = {
  readonly name: string; // what the report calls the cause
  readonly leak: string; // what got into the output, for people
  readonly evidence: string; // when it is claimed, for the documentation
  readonly remedy: string; // one or two sentences
  readonly link: string | null;
};

/** Looks at a difference as a whole: its kind, its place, its bytes. */
export type Detector = About & { readonly detect: (clue: Clue, context: CauseContext) => Finding | undefined };

/** A finding in two texts, and the texts with what it explains replaced by the same mark on both sides. */
export type Masked = { readonly pair: Pair; readonly finding: Finding };

/**
 * Looks at two texts that stand against each other. What one mask explains is taken away before the next one looks, so that no text is explained
 * twice; when both sides are equal after a mask, the text is explained wholly.
 */
export type Mask = About & {
  readonly mask: (pair: Pair, context: CauseContext, clue: Clue) => Masked | undefined;
  readonly whole?: boolean; // what it looks for is so common (a small number) that it must explain what is left of the text wholly
};

/** Puts text into a sentence; long text is cut in its middle. */
export function shown(text: string): string {
  const bare = text.trim();
  return `“${bare.length > 80 ? `${bare.slice(0, 50)}…${bare.slice(-25)}` : bare}”`;
}

/** One sentence that sets two texts against each other. */
export function against(what: string, first: string, second: string): string {
  return `${what} is ${shown(first)} in the first build and ${shown(second)} in the second.`;
}

/** Whether a surrounding was varied. */
export function isVaried({ varied }: CauseContext, name: SurroundingName): boolean {
  return varied.some((one) => one.name === name);
}
