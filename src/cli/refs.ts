import { escapeControl } from '../base/escape.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { isRefName } from '../git/refs.ts';
import { nearest } from '../recipe/suggest.ts';
import { nameOf, type Subject } from './subject.ts';

/** Which git sources of a recipe get another ref: `NAME=REF`, where NAME is what the source is called with `as`. */
export function refsFor(subject: Subject, given: readonly string[]): Result<ReadonlyMap<string, string>> {
  const sources = subject.kind === 'recipe' ? subject.recipe.sources : [];
  const names = sources.flatMap((source) => (source.kind === 'git' && source.name !== undefined ? [source.name] : []));
  const refs = new Map<string, string>();
  for (const text of given) {
    const [, name = '', ref = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (!isRefName(ref)) return fail(malformed(text));
    if (!names.includes(name)) return fail(unknown(nameOf(subject), name, names));
    if (refs.has(name)) return fail({ ...malformed(text), message: `--ref says twice what ${escapeControl(name)} is` });
    refs.set(name, ref);
  }
  return ok(refs);
}

/** A ref belongs to one recipe. */
export function refsOfOne(): Failure {
  return {
    kind: 'usage',
    reason: 'ref-malformed',
    message: '--ref goes with exactly one recipe',
    next: 'Name it: `twinbuild lock RECIPE --ref NAME=REF`.',
  };
}

function malformed(text: string): Failure {
  return {
    kind: 'usage',
    reason: 'ref-malformed',
    message: `--ref ${escapeControl(text)} does not name a source and its tag, branch or commit`,
    next: 'It looks like this: `--ref kernel=v6.12`.',
  };
}

function unknown(recipe: string, name: string, names: readonly string[]): Failure {
  const near = nearest(name, names);
  return {
    kind: 'usage',
    reason: 'ref-unknown-source',
    message: `${recipe} has no git source called ${escapeControl(name)}${near === undefined ? '' : `; did you mean ${near}?`}`,
    next: names.length === 0 ? 'None of its sources has a name (`as`).' : `Its git sources are: ${names.join(', ')}.`,
  };
}
