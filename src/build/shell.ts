import type { Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import type { Engine, Exit, Interaction } from '../docker/engine.ts';
import { LABEL } from '../docker/engine.ts';
import { quote } from './quote.ts';
import { stepSpec } from './step.ts';
import type { BuildPlan, PlannedStep } from './types.ts';
import { explained } from './workspace.ts';

export type ShellRequest = Omit<Interaction, 'signal'> & {
  readonly engine: Engine;
  readonly running: Running;
  readonly plan: BuildPlan;
  readonly step: PlannedStep; // whose place in the build the shell takes
  readonly volume: string;
  readonly terminal: string | undefined; // value of TERM; undefined: commands come through a pipe
};

/**
 * A shell in the place of a step: the same container, confinement, user, folder and environment, but for what a person at a terminal needs. Gives
 * how the shell ended.
 */
export async function runShell(request: ShellRequest): Promise<Result<Exit>> {
  const { engine, running, plan, step, volume, terminal } = request;
  const labels = { ...running.labels, [LABEL.kind]: 'shell' };
  const spec = stepSpec(plan, { ...step, script: shellScript(plan, step, terminal) }, volume, labels);
  const made = await engine.createContainer({ ...spec, stdin: terminal === undefined ? 'pipe' : 'terminal' });
  if (!made.ok) return explained(made.error);
  await using container = made.value;
  const { input, output, size, onResize } = request;
  return await container.interact({ input, output, signal: running.signal, ...(size && onResize ? { size, onResize } : {}) });
}

/** No start-up files, and no history: they would lie in the home of the build. */
function shellScript({ recipe }: BuildPlan, { name }: PlannedStep, terminal: string | undefined): string {
  const bash = 'exec /bin/bash --noprofile --norc';
  if (terminal === undefined) return bash;
  const prompt = `${recipe}:${name} \\w \\$ `;
  return `export HISTFILE=/dev/null TERM=${quote(terminal)} PS1=${quote(prompt)}\n${bash} -i`;
}
