import { execFileSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { quote } from '../src/build/quote.ts';
import { buildScript, commandOf } from '../src/build/script.ts';
import type { BuildPlan, SurroundingName } from '../src/build/types.ts';
import { SURROUNDING_NAMES } from '../src/build/types.ts';
import { hello, lockOf, plans, recipeOf } from './helpers/plans.ts';

/** Lines of the two scripts that are not in the other one. */
function differing([first, second]: readonly [BuildPlan, BuildPlan]): readonly string[] {
  const [a, b] = [buildScript(first).split('\n'), buildScript(second).split('\n')];
  return [...new Set([...a.filter((line) => !b.includes(line)), ...b.filter((line) => !a.includes(line))])].sort();
}

const differs = test.macro((t, name: SurroundingName, expected: readonly RegExp[]) => {
  const lines = differing(
    plans(
      recipeOf(),
      lockOf(hello),
      SURROUNDING_NAMES.filter((other) => other !== name),
      [name],
    ),
  );
  t.true(lines.length > 0);
  for (const line of lines)
    t.true(
      expected.some((form) => form.test(line)),
      line,
    );
  for (const form of expected)
    t.true(
      lines.some((line) => form.test(line)),
      `${form} in\n${lines.join('\n')}`,
    );
});

test('build.sh differs in the hostname alone', differs, 'hostname', [/^# hostname /]);
test('build.sh differs in the timezone alone', differs, 'timezone', [/^TZ=/]);
test('build.sh differs in the locale alone', differs, 'locale', [/^LANG=/, /^LC_ALL=/, /^LANGUAGE=/]);
test('build.sh differs in the umask alone', differs, 'umask', [/^umask 0[02]2$/]);
test('build.sh differs in the user alone', differs, 'user', [/^# step .*, as /, /^USER=/, /^LOGNAME=/]);
test('build.sh differs in the cpus alone', differs, 'cpus', [/^# cpus /, /DEB_BUILD_OPTIONS=parallel=/, /^OMP_NUM_THREADS=/]);
test('build.sh differs in the shell alone', differs, 'shell', [/^# image /, /^# \/bin\/sh /]);
test('build.sh differs in the kernel alone', differs, 'kernel', [/^\/usr\/bin\/setarch --uname-2\.6 \\$/]);
test('build.sh differs in the clock alone', differs, 'clock', [/^FAKETIME/, /^LD_PRELOAD=/, /^NO_FAKE_STAT=/, /^unset LD_PRELOAD /]);
test('build.sh is the same for the same plan', (t) => {
  const [first] = plans(recipeOf(), lockOf(hello));
  const [again] = plans(recipeOf(), lockOf(hello));
  t.is(buildScript(first), buildScript(again));
});

test('build.sh is a script for a shell, whatever a step says', (t) => {
  const run = `echo "it's"\ncat <<'END'\n}' $(false)\nEND\n`;
  const [plan] = plans(recipeOf({ name: 'a\nb', steps: [{ name: 'x\ny', run, timeoutSeconds: 1, user: 'root' }] }), lockOf(hello));
  t.notThrows(() => execFileSync('/bin/sh', ['-n'], { input: buildScript(plan) }));
  const step = plan.steps.at(-1);
  t.true(step !== undefined && commandOf(plan, step).at(-1)?.endsWith(run.trimEnd()));
});

test('a quoted word is one word of a shell with the same signs', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary-ascii' }).filter((word) => !word.includes('\0')),
          { minLength: 1, maxLength: 6 },
        ),
        (words) => {
          const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`]).toString();
          return out === words.map((word) => `${word}\0`).join('');
        },
      ),
      { numRuns: 40 },
    ),
  );
});
