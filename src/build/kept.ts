import { type Sha256, sha256 } from '../base/digest.ts';
import { escapeControl } from '../base/escape.ts';
import { canonicalJson, sortedBy } from '../base/order.ts';
import type { Failure } from '../base/result.ts';
import type { Relaid } from './builtin.ts';
import type { Repatched } from './repatch.ts';
import type { BuildPlan, PlannedInput } from './types.ts';

/** A volume that was kept, and how far the build on it has come. Stands in out/NAME/kept.json. */
export type KeptVolume = {
  readonly schema: 1;
  readonly volume: string; // its name in the engine
  readonly parts: Readonly<Record<string, Sha256>>; // what every step stands on
  readonly environment?: Readonly<Record<string, Sha256>>; // each variable by itself, to name those that changed
  readonly folders: Readonly<Record<string, Sha256>>; // the local folders and the series of patches as they were brought into the tree last
  readonly steps: readonly { readonly name: string; readonly digest: Sha256 }[]; // of the plan of which they were run last
  readonly done: number; // so many of the steps, from the first on, have ended well
};

/** How a build uses a kept volume. */
export type OnKept = {
  readonly volume: string;
  readonly fresh: boolean; // the volume is to be made and filled
  readonly from: number; // index of the first step to run
  readonly until: number; // index after the last one; outputs are taken only behind the last step of all
  readonly relay?: readonly Relaid[]; // local folders of the recipe, some of which changed
  readonly series?: readonly Repatched[]; // every series of patches
  readonly done: (steps: number) => Promise<void>; // called whenever so many steps are done
};

/** The words for people of what a kept volume stands on. */
const PARTS = {
  image: 'the builder image',
  epoch: 'SOURCE_DATE_EPOCH',
  inputs: 'a source',
  environment: 'the environment',
  surroundings: 'the surroundings',
  permissions: 'the permissions',
} as const;

/** What a volume stands for on which so many steps of a plan are done. */
export function keptVolume(volume: string, plan: BuildPlan, done: number): KeptVolume {
  return {
    schema: 1,
    volume,
    parts: partsOf(plan),
    environment: variablesOf(plan),
    folders: foldersOf(plan),
    steps: stepsOf(plan),
    done,
  };
}

/**
 * Why a build cannot go on with the step of that index on a kept volume, or undefined when it can: what is before that step must be
 * what it was, and must have been done.
 */
export function keptProblem(kept: KeptVolume, plan: BuildPlan, from: number): Failure | undefined {
  const step = plan.steps[from]?.name ?? '';
  const parts = partsOf(plan);
  const changed = Object.entries(PARTS).find(([part]) => kept.parts[part] !== parts[part]);
  if (changed) {
    const which = changed[0] === 'environment' ? changedVariables(kept, plan) : '';
    return refused('kept-changed', `${changed[1]} is another than when the volume of ${plan.recipe} was kept${which}`, plan);
  }
  const now = stepsOf(plan);
  const before = now.slice(0, from).find(({ digest }, index) => kept.steps[index]?.digest !== digest);
  if (before) {
    return refused(
      'kept-changed',
      `the step "${before.name}", which comes before "${step}", is another than when the volume was kept`,
      plan,
    );
  }
  if (kept.done >= from) return undefined;
  const next = plan.steps[kept.done]?.name ?? '';
  return {
    kind: 'usage',
    reason: 'kept-not-so-far',
    message: `The kept volume of ${plan.recipe} has not come to the step "${escapeControl(step)}": "${escapeControl(next)}" comes first.`,
    next: `Run \`twinbuild build ${plan.recipe} --from ${next}\`.`,
  };
}

function refused(reason: string, why: string, { recipe }: BuildPlan): Failure {
  return {
    kind: 'usage',
    reason,
    message: `It cannot go on on the kept volume: ${escapeControl(why)}.`,
    next: `Run \`twinbuild build ${recipe} --keep\`, which starts anew.`,
  };
}

function variablesOf({ environment }: BuildPlan): Record<string, Sha256> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, sha256(value)]));
}

/** ` (NAME, NAME)`: the variables of which the value is another. */
function changedVariables({ environment: before }: KeptVolume, plan: BuildPlan): string {
  if (before === undefined) return '';
  const now = variablesOf(plan);
  const names = sortedBy(new Set([...Object.keys(before), ...Object.keys(now)]), (name) => name).filter(
    (name) => before[name] !== now[name],
  );
  return ` (${names.join(', ')})`;
}

function partsOf(plan: BuildPlan): KeptVolume['parts'] {
  const { image, epoch, inputs, environment, surroundings, capabilities, devices } = plan;
  const permissions = { capabilities, devices };
  const lasting = inputs.map((input) => (isFolder(input) || isSeries(input) ? input.name : input));
  const facts: Record<keyof typeof PARTS, unknown> = { image, epoch, inputs: lasting, environment, surroundings, permissions };
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, sha256(canonicalJson(fact))]));
}

/**
 * The local folders of a recipe, in their order, when some are not what they were when they were laid into the tree of a kept volume; else none.
 *
 * @param into the folder of the tree that each of the recipe's sources goes to, by the number of the source, from 1 on
 */
export function relaid(kept: KeptVolume, plan: BuildPlan, into: (source: number) => string): readonly Relaid[] {
  const all = plan.inputs.filter(isFolder).map(({ name, sha256: digest }) => ({
    file: name,
    into: into(Number(name.split('/', 1)[0])),
    changed: kept.folders[name] !== digest,
  }));
  return all.some(({ changed }) => changed) ? all : [];
}

/**
 * The series of patches of a recipe, and which are not what they were when a kept volume was patched with them.
 *
 * @param into the folder that each series goes to, by its number, from 1 on
 */
export function repatched(kept: KeptVolume, { inputs }: BuildPlan, into: (series: number) => string): readonly Repatched[] {
  return inputs
    .filter(isSeries)
    .map(({ name, sha256: digest }) => ({ file: name, into: into(Number(/\d+/.exec(name)?.[0])), changed: kept.folders[name] !== digest }));
}

/** Why changed patches cannot be brought into a kept tree: it was not patched to the end. */
export function patchProblem(kept: KeptVolume, plan: BuildPlan, from: number): Failure | undefined {
  const at = plan.steps.findIndex(({ name }) => name === 'patch');
  if (at === -1 || from < at || kept.done > at) return undefined;
  return refused('kept-half-patched', 'the patches were not all applied to its tree', plan);
}

function foldersOf({ inputs }: BuildPlan): Record<string, Sha256> {
  return Object.fromEntries(inputs.filter((input) => isFolder(input) || isSeries(input)).map(({ name, sha256: digest }) => [name, digest]));
}

/** As planBuild names them. */
function isFolder({ name }: PlannedInput): boolean {
  return /^\d+\/folder\.tar$/.test(name);
}

function isSeries({ name }: PlannedInput): boolean {
  return /^patches-\d+\.tar$/.test(name);
}

/** A time limit changes nothing of what a step leaves. */
function stepsOf({ steps }: BuildPlan): KeptVolume['steps'] {
  return steps.map(({ name, script, user, workingDirectory }) => ({
    name,
    digest: sha256(canonicalJson({ name, script, user, workingDirectory })),
  }));
}
