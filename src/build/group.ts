import type { PlannedStep } from './types.ts';

/** A step of a plan and its number there. */
type Numbered = { readonly index: number; readonly step: PlannedStep };

/** Steps by the container that they run in: one that says so goes into that of the step after it, when that runs too. */
export function byContainer(steps: readonly Numbered[]): readonly (readonly Numbered[])[] {
  const groups: Numbered[][] = [];
  for (const one of steps) {
    const last = groups.at(-1);
    if (last?.at(-1)?.step.withNext) last.push(one);
    else groups.push([one]);
  }
  return groups;
}
