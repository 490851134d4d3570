import test from 'ava';
import { placeOf } from '../src/base/location.ts';
import { refsFor } from '../src/cli/refs.ts';
import { checkRefs } from '../src/lock/git.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import { folderOf } from './helpers/folder.ts';
import { rig } from './helpers/rig.ts';
import { value } from './helpers/stores.ts';

const RECIPE = `name: own
sources:
  - git: https://git.example.org/linux.git
    as: kernel
  - git: https://git.example.org/zfs.git
    as: zfs
    ref: v1
steps: [{name: x, run: x}]
`;

const asks = test.macro<[given: readonly string[], expected: string]>(async (t, given, expected) => {
  await using project = await folderOf({ 'recipes/own/recipe.yaml': RECIPE });
  const recipe = value(await loadRecipe('own', { root: project.path }));
  const refs = refsFor({ kind: 'recipe', recipe, container: recipe.container }, given);
  const known = refs.ok ? checkRefs(recipe, refs.value) : refs;
  const failure = known.ok ? undefined : known.error;
  t.is(failure ? `${failure.at ? `${placeOf(failure.at)} ` : ''}${failure.message}` : 'good', expected);
});
const MISSING = 'recipes/own/recipe.yaml:3:10 The recipe does not say which commit of kernel it wants, and neither does the command line';
test('a recipe that leaves the commit to the command line asks for it', asks, [], MISSING);
test('a ref for another source does not help', asks, ['zfs=v2'], MISSING);
test('a ref with slashes', asks, ['kernel=cod/mainline/v6.6-rc5'], 'good');
test('a commit', asks, [`kernel=${'0a'.repeat(20)}`, 'zfs=v2'], 'good');
test('a misspelt name', asks, ['kernl=v1'], 'own has no git source called kernl; did you mean kernel?');
const malformed = (text: string) => `--ref ${text} does not name a source and its tag, branch or commit`;
test('no name', asks, ['v1'], malformed('v1'));
test('no ref', asks, ['kernel='], malformed('kernel='));
test('words in place of a ref', asks, ['kernel=v1 v2'], malformed('kernel=v1 v2'));
test('a line feed in a ref', asks, ['kernel=v1\nx'], malformed('kernel=v1\\x0ax'));
test('an option in place of a ref', asks, ['kernel=--upload-pack=x'], malformed('kernel=--upload-pack=x'));
test('the same source twice', asks, ['kernel=v1', 'kernel=v2'], '--ref says twice what kernel is');

test('what was never locked is told, and stops nobody who checks everything', async (t) => {
  await using r = await rig();
  await r.write({ 'recipes/own/recipe.yaml': RECIPE, 'recipes/two/recipe.yaml': RECIPE.replace('own', 'two') });
  const { status, stderr, stdout } = await r.exec('lock', '--check', '--json');
  t.is(status, 0, stderr);
  t.regex(stderr, /own: own has no lock: recipes\/own\/recipe\.lock does not exist/);
  t.deepEqual(JSON.parse(stdout), { current: [], unlocked: ['own', 'two'] });
});
