import test from 'ava';
import { placeOf } from '../src/base/location.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import { folderOf } from './helpers/folder.ts';

const problem = test.macro(async (t, sources: string, expected: string) => {
  await using project = await folderOf({ 'a/recipe.yaml': `name: a\nsources:\n${sources}steps: [{name: one, run: x}]\n` });
  const recipe = await loadRecipe('a/recipe.yaml', { root: project.path });
  const at = !recipe.ok && recipe.error.at ? placeOf(recipe.error.at).replace(/^.*yaml:/, '') : 'nowhere';
  t.is(recipe.ok ? '' : `${at} ${recipe.error.message}`, expected);
});
const REPOSITORY = '  - git: https://example.org/x.git\n';
test(
  'a git source without a commit',
  problem,
  REPOSITORY,
  '3:5 `sources[0]` says neither `commit` nor `ref`, and has no name (`as`) by which the command line could',
);
test('a git source that leaves the commit to the command line', problem, `${REPOSITORY}    as: x\n`, '');
test(
  'a git source with two commits',
  problem,
  `${REPOSITORY}    ref: v1\n    commit: ${'0a'.repeat(20)}\n`,
  '4:5 `ref` and `commit` stand for the same thing; one of them must go',
);
test(
  'two git sources of one name',
  problem,
  `${REPOSITORY}    as: x\n${REPOSITORY}    as: x\n`,
  '6:9 A source called x stands above already',
);

test('what a schema cannot say is said together with what it can', async (t) => {
  await using project = await folderOf({
    'a/recipe.yaml': 'name: a\nsources: 3\nsteps:\n  - {name: one, run: x}\n  - {name: one, run: y}\nenvironment: {HOME: /x}\n',
  });
  const recipe = await loadRecipe('a/recipe.yaml', { root: project.path });
  const found = recipe.ok ? [] : (recipe.error.others ?? [recipe.error]);
  t.deepEqual(
    found.map(({ at, reason }) => `${at ? placeOf(at).replace(/^.*yaml:/, '') : 'nowhere'} ${reason}`),
    ['2:10 wrong-type', '5:12 step-twice', '6:15 owned-variable'],
  );
});
