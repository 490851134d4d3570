import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { recipesPage } from '../scripts/docs.ts';
import { listContainers, listRecipes } from '../src/recipe/find.ts';
import { loadContainer, loadRecipe } from '../src/recipe/load.ts';

const PROJECT = join(import.meta.dirname, '..');

test('every recipe and container that is shipped can be read', async (t) => {
  for (const name of await listRecipes(PROJECT)) {
    const recipe = await loadRecipe(name, { root: PROJECT });
    t.true(recipe.ok, recipe.ok ? '' : `${name}: ${recipe.error.message}`);
    t.regex(
      await readFile(join(PROJECT, 'recipes', name, 'recipe.yaml'), 'utf8'),
      /^# yaml-language-server: \$schema=\.\.\/\.\.\/schema\/recipe\.schema\.json\n/,
    );
  }
  t.true((await listContainers(PROJECT)).includes('bookworm'));
  for (const name of await listContainers(PROJECT)) {
    const container = await loadContainer(name, { root: PROJECT });
    t.true(container.ok, container.ok ? '' : `${name}: ${container.error.message}`);
    const text = await readFile(join(PROJECT, 'containers', `${name}.yaml`), 'utf8');
    t.regex(text, /^# yaml-language-server: \$schema=\.\.\/schema\/container\.schema\.json\n/);
  }
});

test('docs/recipes.md is the page that the schemas give', async (t) => {
  t.is(await readFile(join(PROJECT, 'docs/recipes.md'), 'utf8'), recipesPage());
});
