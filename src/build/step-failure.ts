import type { Failure } from '../base/result.ts';
import type { Exit } from '../docker/engine.ts';
import { errorIn, hintsFor, size, temporaryBytes } from './hints.ts';
import type { BuildPlan, PlannedStep } from './types.ts';
import { inEnglish } from './words.ts';

/** The failure of a step that ran past its limit, or past that of the whole build. */
export function timedOut(build: string, plan: BuildPlan, step: PlannedStep, whole: boolean, lines: readonly string[]): Failure {
  const limit = whole
    ? `the whole build ran longer than its limit of ${plan.limits.timeSeconds} s`
    : `it ran longer than its limit of ${step.timeoutSeconds} s`;
  return {
    kind: 'timeout',
    reason: whole ? 'build-timeout' : 'step-timeout',
    message: `The step "${step.name}" of the ${build} build was stopped: ${limit}.`,
    next: whole ? 'Raise `resources.time` in the recipe.' : 'Raise the time limit of the step in the recipe.',
    details: lines,
  };
}

/** The failure of a step that did not end well. */
export function stepFailed(build: string, plan: BuildPlan, step: PlannedStep, exit: Exit, lines: readonly string[]): Failure {
  const hints = hintsFor({ plan, status: exit.status, outOfMemory: exit.outOfMemory, lines });
  const patch = step.name === 'patch' && plan.steps.find(({ name }) => name === 'patch') === step ? patchOf(lines) : undefined;
  const full = patch === undefined && !exit.outOfMemory ? fullVolume(build, plan, step, lines) : undefined;
  if (full !== undefined) return full;
  const said = errorIn(lines);
  const message =
    patch ?? `The step "${step.name}" of the ${build} build failed with status ${exit.status}${said === undefined ? '' : `: ${said}`}.`;
  return {
    kind: 'build-failed',
    reason: patch === undefined ? 'step-failed' : 'patch-failed',
    message: exit.outOfMemory ? `The step "${step.name}" of the ${build} build ran out of memory (status ${exit.status}).` : message,
    next: hints.length > 0 ? hints.join(' ') : `The whole output is in build.log.`,
    details: lines,
  };
}

/** The volume of a build is in memory when the order of directories is varied, and has the size that the recipe says: then it is that which was too small. */
function fullVolume(build: string, { limits, surroundings }: BuildPlan, step: PlannedStep, lines: readonly string[]): Failure | undefined {
  const { volume, tmpfsBytes } = surroundings;
  if (volume !== 'tmpfs' || tmpfsBytes === undefined || !inEnglish(lines).some((line) => /No space left on device/i.test(line)))
    return undefined;
  return {
    kind: 'build-failed',
    reason: 'disk-limit',
    message: `The step "${step.name}" of the ${build} build had no room left: its volume is in memory and has ${size(tmpfsBytes)}.`,
    next: `Raise \`resources.disk\` in the recipe (\`--disk\` where there is none), or use \`--vary directory-order=shuffled\`. If it was /tmp that was full (${size(temporaryBytes(limits.memoryBytes))}): large files belong below the build path.`,
    details: lines,
  };
}

/** What patch(1) said of the patch that did not apply: its name, the file, the hunk. */
function patchOf(lines: readonly string[]): string | undefined {
  const found = (form: RegExp) => lines.map((line) => form.exec(line)?.[1]).findLast((text) => text !== undefined);
  const name = found(/^applying (.*)$/);
  if (name === undefined) return undefined;
  const file = found(/^patching file (.*)$/);
  const hunks = lines.flatMap((line) => /^Hunk #(\d+) FAILED/.exec(line)?.[1] ?? []);
  const where = file === undefined ? '' : `: ${hunks.length === 0 ? '' : `hunk ${hunks.join(', ')} of `}${file}`;
  return `The patch ${name} does not apply${where}.`;
}
