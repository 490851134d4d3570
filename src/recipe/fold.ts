import type { Location } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { RecipePart, StepPart } from './part.ts';
import { problems } from './problems.ts';

/** A step, and the place that spoke of it last. */
export type FoldedStep = { readonly name: string; readonly part: StepPart; readonly at: Location };

/** Which file said a part, for messages and for what is relative to it. */
export type Folded = Omit<RecipePart, 'steps' | 'environment' | 'extends'> & {
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly FoldedStep[] | undefined;
  readonly containerFrom: RecipePart; // the file that names the container; the recipe itself when none does
};

/**
 * Folds a recipe and what it extends into one.
 *
 * @param chain the recipe itself first, then what it extends, then what that extends …
 */
export function fold(chain: readonly RecipePart[]): Result<Folded> {
  const [own] = chain;
  if (own === undefined) throw new Error('fold() was called without a recipe.');
  const found: Failure[] = [];
  let environment: Record<string, string> = {};
  let steps: readonly FoldedStep[] | undefined;
  let merged: Partial<RecipePart> = {};
  let containerFrom = own;
  for (const part of [...chain].reverse()) {
    environment = foldEnvironment(environment, part, found);
    steps = foldSteps(steps, part, found);
    if (part.container !== undefined) containerFrom = part;
    const resources = { ...merged.resources, ...part.resources };
    const permissions = { ...merged.permissions, ...part.permissions };
    merged = { ...merged, ...part, resources, permissions };
  }
  if (merged.sources === undefined) {
    found.push({ kind: 'usage', reason: 'missing-key', message: 'The recipe has no `sources`', at: own.tree.locate([]) });
  }
  return found.length > 0 ? fail(problems(found)) : ok({ ...merged, ...identity(own), environment, steps, containerFrom });
}

function foldEnvironment(
  before: Readonly<Record<string, string>>,
  { environment, tree }: RecipePart,
  found: Failure[],
): Record<string, string> {
  const after = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(environment ?? {})) {
    if (value !== null) after.set(name, value);
    else if (!after.delete(name)) {
      found.push({
        kind: 'usage',
        reason: 'nothing-to-remove',
        message: `There is no \`${name}\` that null could take away; write "" for an empty value`,
        at: tree.locate(['environment', name], 'key'),
      });
    }
  }
  return Object.fromEntries(after);
}

function foldSteps(
  before: readonly FoldedStep[] | undefined,
  { steps, tree }: RecipePart,
  found: Failure[],
): readonly FoldedStep[] | undefined {
  if (steps === undefined) return before;
  if (steps.replaces) return steps.list.map(({ name, part }, index) => ({ name, part: part ?? {}, at: tree.locate(['steps', index]) }));
  const after = new Map((before ?? []).map((step) => [step.name, step]));
  for (const { name, part } of steps.list) {
    const at = tree.locate(['steps', name], 'key');
    if (part !== null) after.set(name, { name, part: { ...after.get(name)?.part, ...part }, at });
    else if (!after.delete(name)) {
      found.push({ kind: 'usage', reason: 'nothing-to-remove', message: `There is no step ${name} that null could take away`, at });
    }
  }
  return [...after.values()];
}

function identity({ path, tree, name }: RecipePart): Pick<RecipePart, 'path' | 'tree' | 'name'> {
  return { path, tree, name };
}
