import test from 'ava';
import { placeOf } from '../src/base/location.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import { folderOf } from './helpers/folder.ts';

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
