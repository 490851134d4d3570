import { createReadStream } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Sha256, sha256, sha256Of } from '../base/digest.ts';
import { canonicalJson } from '../base/order.ts';
import type { BuildPlan, Built } from './types.ts';
import type { Trial } from './why.ts';
import type { Tried } from './why-result.ts';

/** A build that came to its end, known by its plan. */
export type Finished = { readonly plan: Sha256; readonly built: Built; readonly beganSeconds: number }; // beganSeconds: since 1970-01-01T00:00:00Z

/** What a search for guilty surroundings goes on from: the two builds of a run, and every trial that has ended. */
export type WhyState = {
  readonly schema: 1;
  readonly first: Finished;
  readonly second: Finished;
  readonly trials: readonly (Trial & Tried & { readonly plan: Sha256 })[]; // without the second build
};

/** Two builds of one digest do the same on the same inputs in the same surroundings. */
export function planDigest(plan: BuildPlan): Sha256 {
  return sha256(canonicalJson(plan));
}

/**
 * What an earlier run left in its file, when its two builds are of these plans and their outputs are still what they were; trials of other plans
 * are left out. Anything else is no state: the builds are then made anew.
 *
 * @param folder out/NAME, absolute
 */
export async function readWhyState(path: string, folder: string, first: BuildPlan, second: BuildPlan): Promise<WhyState | undefined> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as WhyState;
    if (state.schema !== 1 || state.first.plan !== planDigest(first) || state.second.plan !== planDigest(second)) return undefined;
    const [one, two] = [await intact(state.first, join(folder, 'first')), await intact(state.second, join(folder, 'second'))];
    if (one === undefined || two === undefined || !state.trials.every(isTrial)) return undefined;
    return { ...state, first: one, second: two };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** Writes beside and renames, so that a run which is killed leaves the state of before. */
export async function writeWhyState(path: string, state: WhyState): Promise<void> {
  const aside = `${path}.tmp`;
  try {
    await writeFile(aside, `${JSON.stringify(state, null, 1)}\n`);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

/** The build with its outputs where they are now, or undefined when one is not what it was. */
async function intact({ plan, built, beganSeconds }: Finished, folder: string): Promise<Finished | undefined> {
  const outputs = built.outputs.map((output) => ({ ...output, path: join(folder, basename(output.name)) }));
  for (const { path, size, sha256: digest } of outputs) {
    const is = await sha256Of(createReadStream(path));
    if (is.size !== size || is.digest !== digest) return undefined;
  }
  return { plan, built: { ...built, folder, outputs }, beganSeconds };
}

function isTrial(value: unknown): boolean {
  const { plan, varied, artefacts, values, wallSeconds } = value as WhyState['trials'][number];
  return (
    typeof plan === 'string' &&
    Array.isArray(varied) &&
    Array.isArray(artefacts) &&
    typeof wallSeconds === 'number' &&
    typeof values === 'object' &&
    values !== null
  );
}
