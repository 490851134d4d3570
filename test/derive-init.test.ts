import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { init } from '../src/cli/init.ts';
import { buildSettings, type SettingOptions } from '../src/cli/settings.ts';
import type { TargetVerbOptions } from '../src/cli/targets.ts';
import { recipeYaml } from '../src/recipe/derive.ts';
import { recipeFromText } from '../src/recipe/load.ts';
import { dsc, TREE, worldOf } from './helpers/derived.ts';
import { type Rig, rig } from './helpers/rig.ts';

const initialised = async (r: Rig, words: readonly string[], options: TargetVerbOptions = {}) => init(await worldOf(r), words, options);

test('init writes a recipe into debian/ that means the same, and never over one', async (t) => {
  await using r = await rig();
  await r.write(TREE);
  t.is((await initialised(r, ['./tree'])).status, 0);
  const text = await readFile(join(r.path, 'tree/debian/recipe.yaml'), 'utf8');
  t.regex(text, /- folder: \.\.$/m);
  const again = await initialised(r, ['./tree']);
  t.is(again.status, 2);
  t.is(again.failure?.reason, 'recipe-exists');
  t.is(await readFile(join(r.path, 'tree/debian/recipe.yaml'), 'utf8'), text);
});

test('init in a project writes into recipes/', async (t) => {
  await using r = await rig();
  await r.write({ 'recipes/other/recipe.yaml': 'name: other\n', 'x/tiny_1.0.dsc': dsc() });
  t.is((await initialised(r, ['x/tiny_1.0.dsc'], { source: ['hello'] })).status, 0);
  t.regex(await readFile(join(r.path, 'recipes/tiny/recipe.yaml'), 'utf8'), /- dsc: \.\.\/\.\.\/x\/tiny_1\.0\.dsc$/m);
  t.regex(await readFile(join(r.path, 'recipes/hello/recipe.yaml'), 'utf8'), /- debian: hello$/m);
});

const settings = (options: SettingOptions, environment: Readonly<Record<string, string>> = {}) => {
  const made = buildSettings({ root: '/project', environment }, options);
  return made.ok ? made.value : made.error.reason;
};

test('a profile of the command line takes the place of those of the environment', (t) => {
  const made = settings({ profile: ['nocheck'] }, { DEB_BUILD_PROFILES: 'nodoc' });
  t.deepEqual(typeof made === 'string' ? made : made.profiles, ['nocheck']);
});
test('-A and -B together are everything', (t) => {
  const made = settings({ archAll: true, archAny: true });
  t.is(typeof made === 'string' ? made : made.build, 'binary');
});

test('a version that looks like a number stays a text', async (t) => {
  const text = recipeYaml({
    name: 'x1',
    source: { debian: 'x1', version: '1.0' },
    container: 'bookworm',
    suite: 'bookworm',
    profiles: [],
    buildOptions: [],
    build: 'any',
    binNmu: 3,
    resources: { memory: '8GiB' },
  });
  const recipe = await recipeFromText({ name: 'x', text }, '/nowhere/recipe.yaml', { root: '/nowhere' });
  t.true(recipe.ok, recipe.ok ? '' : recipe.error.message);
  if (!recipe.ok) return;
  t.like(recipe.value.sources[0], { kind: 'debian', name: 'x1', version: '1.0' });
  t.deepEqual(
    recipe.value.steps.map(({ name }) => name),
    ['binnmu', 'build'],
  );
  t.regex(recipe.value.steps[1]?.run ?? '', /--build=any/);
});
