import { byBytes } from '../base/order.ts';
import { quote } from './quote.ts';
import type { BuildPlan, PlannedStep } from './types.ts';

/** What root may do in a step that asks for root: own and open any file of the volume. It cannot get more. */
export const ROOT_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'] as const;

/** The command of a step's container: an environment that is all ours, then the step's script for /bin/sh -e. */
export function commandOf(plan: BuildPlan, step: PlannedStep): readonly string[] {
  return ['/usr/bin/env', '-i', ...variables(plan, step), ...personality(plan), '/bin/sh', '-e', '-c', scriptOf(plan, step)];
}

/**
 * The command of a container that several steps share. Each but the last ends with the mark on a line of its own; the last one takes the place of what ran
 * them, so that it finds the processes that it would find alone.
 */
export function togetherOf(plan: BuildPlan, steps: readonly PlannedStep[], mark: string): readonly string[] {
  const [first] = steps;
  if (first === undefined) throw new Error('there is no step');
  if (steps.length === 1) return commandOf(plan, first);
  const around = ['/usr/bin/env', '-i', ...variables(plan, first), ...personality(plan), '/bin/sh', '-e', '-c'].map(quote).join(' ');
  const lines = steps.map((_, index) => {
    const run = `${around} "\${${index + 1}}"`;
    return index === steps.length - 1 ? `exec ${run}` : `${run} || exit\nprintf '%s\\n' ${quote(mark)}`;
  });
  return ['/bin/sh', '-c', lines.join('\n'), 'steps', ...steps.map((step) => scriptOf(plan, step))];
}

/** `uid:gid` of a step. */
export function userOf({ surroundings }: BuildPlan, step: PlannedStep): string {
  return step.user === 'root' ? '0:0' : `${surroundings.user.uid}:${surroundings.user.gid}`;
}

/** Capabilities of a step: those that were granted, and for root the four that owning files takes. */
export function capabilitiesOf({ capabilities }: BuildPlan, step: PlannedStep): readonly string[] {
  const names = [...(step.user === 'root' ? ROOT_CAPABILITIES : []), ...capabilities.map((name) => name.replace(/^CAP_/, ''))];
  return [...new Set(names)].sort(byBytes);
}

/**
 * The text of build.sh: every command that ran, in a form that a shell in the same place would run again. Two plans that differ only in
 * their surroundings give texts that differ only there.
 */
export function buildScript(plan: BuildPlan): string {
  const { surroundings: around, limits } = plan;
  const facts = [
    `${plan.recipe}: what ran, one container a step unless it says that it shares one`,
    `recipe    ${plan.recipeDigest}`,
    `lock      ${plan.lockDigest}`,
    `image     ${plan.image}`,
    `/bin/sh   ${around.shell}`,
    `hostname  ${around.hostname}`,
    `domain    ${around.domain}`,
    `cpus      parallel=${around.cpus}, cpuset ${around.cpuset === '' ? 'all' : around.cpuset}`,
    `volume    /build${plan.mount === undefined ? '' : ` and ${plan.mount}`}, ${around.volume}`,
    `limits    memory ${limits.memoryBytes}, disk ${limits.diskBytes}, processes ${limits.pids}, time ${limits.timeSeconds} s`,
    'network   none; root file system read-only; /tmp, /var/tmp and /run empty in each container',
    ...(plan.devices.length === 0 ? [] : [`devices   ${plan.devices.join(' ')}`]),
    ...plan.inputs.map(({ name, sha256 }) => `input     ${sha256}  ${name}`),
    ...plan.outputs.map((glob) => `output    ${plan.outputRoot}/${glob}`),
  ];
  return `#!/bin/sh\n${facts.map((fact) => `# ${oneLine(fact)}\n`).join('')}${plan.steps.map((step) => stepText(plan, step)).join('')}`;
}

function stepText(plan: BuildPlan, step: PlannedStep): string {
  const capabilities = capabilitiesOf(plan, step);
  const who = step.user === 'root' ? 'root (0:0)' : `${plan.surroundings.user.name} (${userOf(plan, step)})`;
  const lines = [
    '/usr/bin/env -i',
    ...variables(plan, step).map(quote),
    ...(plan.surroundings.personality === 'native' ? [] : [personality(plan).join(' ')]),
  ];
  return [
    '',
    `# step ${oneLine(step.name)}, as ${who}${capabilities.length === 0 ? '' : ` with ${capabilities.join(', ')}`}${step.withNext ? ', in one container with the next' : ''}, at most ${step.timeoutSeconds} s`,
    ...lines.map((line) => `${line} \\`),
    `/bin/sh -e -c '\n${scriptOf(plan, step).replaceAll("'", `'\\''`)}\n'`,
    '',
  ].join('\n');
}

function scriptOf({ surroundings }: BuildPlan, step: PlannedStep): string {
  return `exec 2>&1\numask ${surroundings.umask}\ncd ${quote(step.workingDirectory)}\n${step.script.trimEnd()}`;
}

function variables({ environment }: BuildPlan, step: PlannedStep): readonly string[] {
  const all = step.user === 'root' ? { ...environment, USER: 'root', LOGNAME: 'root' } : environment;
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}`)
    .sort(byBytes);
}

function personality({ surroundings }: BuildPlan): readonly string[] {
  return surroundings.personality === 'uname26' ? ['/usr/bin/setarch', '--uname-2.6'] : [];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ');
}
