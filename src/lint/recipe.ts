import type { SourceText } from '../base/location.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { type Finding, linesOf, stretch } from './finding.ts';
import { lintRules } from './rules.ts';

/** Looks at a recipe: inputs that a new lock may replace by others, and the scripts of its own steps. */
export function lintRecipe(recipe: Recipe): readonly Finding[] {
  const { file } = recipe;
  const unpinned = recipe.sources.flatMap((source): readonly Finding[] => {
    if (source.kind !== 'debian' || source.version !== undefined) return [];
    return [
      {
        rule: 'unpinned-source',
        ...placeOf(file, source.name),
        message: `The source ${source.name} has no version: a new lock takes the newest that there is then.`,
        remedy: 'Write its version next to it.',
      },
    ];
  });
  return [...unpinned, ...recipe.steps.flatMap(({ run }) => lintStep(file, run))];
}

/** The script of a step as a text by itself; a finding is shown where its line stands in the recipe, or without a place when that is inherited. */
function lintStep(file: SourceText, run: string): readonly Finding[] {
  return lintRules({ name: file.name, text: run }).map(({ at, ...finding }) => {
    const from = run.lastIndexOf('\n', (at?.start ?? 0) - 1) + 1;
    const line = run.slice(from).split('\n', 1)[0] ?? '';
    const start = file.text.indexOf(line);
    if (at === undefined || start === -1) return finding;
    return { ...finding, at: stretch(file, start + at.start - from, at.end - at.start) };
  });
}

/** The line of a `debian:` source. */
function placeOf(file: SourceText, name: string): Pick<Finding, 'at'> {
  for (const { text, start } of linesOf(file)) {
    const found = /\bdebian:\s*["']?([a-z0-9+.-]+)/.exec(text);
    if (found?.[1] === name) return { at: stretch(file, start + text.indexOf(name, found.index + 7), name.length) };
  }
  return {};
}
