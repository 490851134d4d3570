import test from 'ava';
import { keptProblem, keptVolume } from '../src/build/kept.ts';
import type { BuildPlan } from '../src/build/types.ts';
import { hello, lockOf, plans, recipeOf } from './helpers/plans.ts';

const steps = ['config', 'kernel', 'package'].map((name) => ({
  name,
  run: `make ${name}\n`,
  timeoutSeconds: 600,
  user: 'builder' as const,
}));
const planOf = (over: Parameters<typeof recipeOf>[0] = {}): BuildPlan => plans(recipeOf({ steps, ...over }), lockOf(hello))[0];
const changed = (name: string) => steps.map((step) => (step.name === name ? { ...step, run: 'make it otherwise\n' } : step));

const refused = test.macro((t, plan: BuildPlan, done: number, from: string, expected: { reason: string; says: RegExp } | undefined) => {
  const kept = keptVolume('volume', planOf(), done);
  const problem = keptProblem(
    kept,
    plan,
    plan.steps.findIndex(({ name }) => name === from),
  );
  t.is(problem?.reason, expected?.reason);
  if (expected) t.regex(problem?.message ?? '', expected.says);
});

test('a step whose past is as it was goes on', refused, planOf(), 4, 'kernel', undefined);
test('the step itself and later ones may change', refused, planOf({ steps: changed('package') }), 4, 'kernel', undefined);
test('a time limit may change', refused, planOf({ steps: steps.map((step) => ({ ...step, timeoutSeconds: 1 })) }), 4, 'package', undefined);
test('an earlier step that changed is named', refused, planOf({ steps: changed('config') }), 4, 'kernel', {
  reason: 'kept-changed',
  says: /the step "config", which comes before "kernel", is another/,
});
test('another environment is named', refused, planOf({ environment: { A: 'b' } }), 4, 'kernel', {
  reason: 'kept-changed',
  says: /the environment is another than when the volume of hello was kept \(A\)/,
});
test(
  'other sources are named',
  refused,
  plans(recipeOf({ steps }), lockOf({ ...hello, files: hello.kind === 'debian' ? hello.files.slice(1) : [] } as typeof hello))[0],
  4,
  'kernel',
  {
    reason: 'kept-changed',
    says: /a source is another/,
  },
);
test('a step that the build has not come to says which is next', refused, planOf(), 2, 'package', {
  reason: 'kept-not-so-far',
  says: /"kernel" comes first/,
});
