import { spawnSync } from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import { Cutter, markOf } from '../src/build/cut.ts';
import { byContainer } from '../src/build/group.ts';
import { togetherOf } from '../src/build/script.ts';
import type { BuildPlan, PlannedStep } from '../src/build/types.ts';
import { hello, lockOf, plans, recipeOf } from './helpers/plans.ts';

const MARK = markOf('word');

/** What a cutter makes of pieces: the text of each step. */
function cut(pieces: readonly Uint8Array[], marks: number): readonly string[] {
  const cutter = new Cutter(MARK, marks);
  const texts: Buffer[] = [Buffer.alloc(0)];
  const put = (bytes: Uint8Array) => texts.push(Buffer.concat([texts.pop() ?? Buffer.alloc(0), bytes]));
  for (const piece of pieces) for (const one of cutter.take(piece)) one === 'next' ? texts.push(Buffer.alloc(0)) : put(one);
  put(cutter.end());
  return texts.map((text) => text.toString('latin1'));
}

test('output is cut at its marks, wherever its pieces end, and no byte is lost', (t) => {
  const text = fc.string({ unit: fc.constantFrom('a', '\n', '\u001e', 'w', 'word', '\u001eword') });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), fc.array(fc.nat(8), { maxLength: 40 }), (parts, lengths) => {
        const clean = parts.map((part) => part.replaceAll(`${MARK}\n`, ''));
        fc.pre(clean.every((part) => !`${part}${MARK}\n`.slice(0, -1).includes(`${MARK}\n`)));
        let rest = Buffer.from(clean.join(`${MARK}\n`), 'latin1');
        const pieces = lengths.map((length) => {
          const piece = rest.subarray(0, length);
          rest = rest.subarray(length);
          return piece;
        });
        t.deepEqual(cut([...pieces, rest], parts.length - 1), clean);
      }),
      { numRuns: 300 },
    ),
  );
});

test('a mark beyond those that are awaited is output', (t) => {
  t.deepEqual(cut([Buffer.from(`a${MARK}\nb${MARK}\nc`)], 1), ['a', `b${MARK}\nc`]);
});

const named = (plan: BuildPlan) =>
  byContainer(plan.steps.map((step, index) => ({ step, index }))).map((group) => group.map(({ step }) => step.name).join(' '));
const step = (name: string, user: 'builder' | 'root') => ({ name, run: 'true', timeoutSeconds: 1, user });

test('what lays out the tree shares the container of the first step of the recipe, and steps of a recipe share none', (t) => {
  const [first] = plans(recipeOf({ steps: [step('one', 'builder'), step('two', 'builder')] }), lockOf(hello));
  t.deepEqual(named(first), ['unpack one', 'two']);
  const patched = recipeOf({ patches: [{ path: '/p', directory: undefined }], steps: [step('one', 'builder')] });
  const folder = { path: '/p', sha256: hello.kind === 'debian' ? (hello.files[0]?.sha256 ?? ('' as never)) : ('' as never), size: 1 };
  const [, second] = plans(patched, lockOf(hello), [], ['directory-order=shuffled'], [folder]);
  t.deepEqual(named(second), ['unpack patch shuffle one']);
});

test('a step that runs as root shares no container', (t) => {
  const [plan] = plans(recipeOf({ steps: [step('one', 'root'), step('two', 'builder')] }), lockOf(hello));
  t.deepEqual(named(plan), ['unpack', 'one', 'two']);
});

test('a part of the steps that ends before the step with the container is a group by itself', (t) => {
  const [plan] = plans(recipeOf(), lockOf(hello));
  const parts = byContainer(plan.steps.slice(0, 1).map((one, index) => ({ step: one, index })));
  t.deepEqual(
    parts.map((group) => group.map(({ step: { name } }) => name)),
    [['unpack']],
  );
});

/** Runs the command of a container that these scripts share, here. */
function run(...scripts: readonly string[]): { readonly texts: readonly string[]; readonly status: number | null } {
  const [plan] = plans(recipeOf(), lockOf(hello), [], ['kernel']);
  const steps = scripts.map(
    (script, index): PlannedStep => ({ name: `${index}`, script, timeoutSeconds: 1, user: 'builder', workingDirectory: '/' }),
  );
  const [program = '', ...rest] = togetherOf(plan, steps, MARK);
  const ended = spawnSync(program, rest, { env: { LEAK: 'leak' } });
  return { texts: cut([ended.stdout], scripts.length - 1), status: ended.status };
}

test('steps that share a container run one after the other, each in its own shell and environment', (t) => {
  const { texts, status } = run(`echo one; x='it'\\''s'; cd /tmp`, 'echo "$x$LEAK$HOME" >&2; pwd', 'printf "%s" "$0"; exit 3');
  t.deepEqual(texts, ['one\n', '/build/home\n/\n', '/bin/sh']);
  t.is(status, 3);
});

test('a step that fails ends the container with its status, and the next one does not begin', (t) => {
  const { texts, status } = run('echo one; false; echo two', 'echo three');
  t.deepEqual(texts, ['one\n']);
  t.is(status, 1);
});

test('as many steps as there are run, and each may say what a command line can hold', (t) => {
  const long = `# ${'x'.repeat(100_000)}`;
  const { texts, status } = run(...Array.from({ length: 11 }, (_, index) => `echo ${index}\n${long}`));
  t.deepEqual(
    texts,
    Array.from({ length: 11 }, (_, index) => `${index}\n`),
  );
  t.is(status, 0);
});
