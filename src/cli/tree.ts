import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { newestEntry } from '../control/changelog.ts';
import { relationsOf } from '../control/relation.ts';
import { parseStanzas, type Stanza } from '../control/stanza.ts';
import { checkFit } from '../lock/fit.ts';
import { BUILD_FIELDS } from '../lock/wish.ts';
import { shownPath } from '../recipe/find.ts';
import type { BuildPart } from '../recipe/recipe.ts';
import { readText } from '../recipe/text.ts';

/** What the packaging of a tree says of itself. */
export type TreeFacts = { readonly name: string; readonly version: string; readonly architectures: readonly string[] };

/** A changelog of thirty years. */
const MOST_BYTES = 16 * 1024 ** 2;

/**
 * Reads debian/control and debian/changelog of a tree, as far as a recipe is derived from them.
 *
 * @param path absolute
 * @returns a usage failure with its place
 */
export async function readTree(path: string, { root }: { readonly root: string }): Promise<Result<TreeFacts>> {
  const read = (name: string): Promise<Result<SourceText>> => {
    const file = join(path, 'debian', name);
    return readText(file, shownPath(root, file), { mostBytes: MOST_BYTES, lenient: name === 'changelog' });
  };
  const control = await read('control');
  if (!control.ok) return control;
  const changelog = await read('changelog');
  if (!changelog.ok) return changelog;
  const entry = newestEntry(changelog.value);
  if (!entry.ok) return entry;
  const facts = controlFacts(control.value);
  if (!facts.ok) return facts;
  const { name, at } = facts.value;
  const { source, version } = entry.value;
  const problem = (reason: string, message: string): Failure => ({ kind: 'usage', reason, message });
  if (name !== source)
    return fail({ ...problem('source-differs', `The source is called ${name} here, and ${source} in ${changelog.value.name}`), at });
  const rules = join(path, 'debian', 'rules');
  const found = await stat(rules).catch(() => undefined);
  if (!found?.isFile()) return fail(problem('rules-missing', `${shownPath(root, rules)} ${found ? 'is not a file' : 'does not exist'}`));
  return ok({ name, version, architectures: facts.value.architectures });
}

/** Whether anything of a tree can be built here. */
export function treeFits(
  { name, architectures }: TreeFacts,
  on: { readonly architecture: string; readonly build: BuildPart },
): Result<void> {
  return checkFit({ name, architectures }, on);
}

function controlFacts(
  file: SourceText,
): Result<{ readonly name: string; readonly at: NonNullable<Failure['at']>; readonly architectures: readonly string[] }> {
  const stanzas = parseStanzas(file, { comments: true });
  if (!stanzas.ok) return stanzas;
  const [source, ...packages] = stanzas.value;
  const wrong = (stanza: Stanza | undefined, field: string, message: string): Result<never> =>
    fail({ kind: 'usage', reason: 'control-malformed', message, at: stanza?.at(field) ?? { source: file, start: 0, end: 1 } });
  const name = source?.get('Source');
  if (source === undefined || name === undefined || !/^[a-z0-9][a-z0-9+.-]+$/.test(name))
    return wrong(source, 'Source', 'A debian/control starts with a paragraph that has the name of a source in `Source`');
  if (packages.length === 0) return wrong(source, 'Source', 'There is no paragraph with a `Package`: nothing would be built');
  const architectures: string[] = [];
  for (const stanza of packages) {
    const architecture = stanza.folded('Architecture');
    if (stanza.get('Package') === undefined) return wrong(stanza, 'Package', 'This paragraph has no `Package`');
    if (architecture === undefined || architecture === '')
      return wrong(stanza, 'Architecture', `The package ${stanza.get('Package')} has no \`Architecture\``);
    architectures.push(...architecture.split(' '));
  }
  const relations = checkRelations(source);
  return relations.ok ? ok({ name, at: source.at('Source'), architectures: [...new Set(architectures)] }) : relations;
}

/** What a source needs for its build, as a source's stanza or a .dsc says it, must be relations. */
export function checkRelations(stanza: Stanza): Result<void> {
  for (const field of BUILD_FIELDS) {
    const relations = relationsOf(stanza, field);
    if (!relations.ok) return relations;
  }
  return ok();
}
