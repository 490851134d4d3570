import type { Location } from '../base/location.ts';
import type { Recipe } from './recipe.ts';
import { parseYaml } from './yaml.ts';

/** Where a recipe says something; nowhere when it comes from one that it extends. */
export function placeIn({ file }: Pick<Recipe, 'file'>, path: readonly (string | number)[]): { readonly at?: Location } {
  const tree = parseYaml(file);
  return tree.ok && tree.value.written(path) !== undefined ? { at: tree.value.locate(path) } : {};
}
