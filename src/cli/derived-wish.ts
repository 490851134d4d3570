import { join } from 'node:path';
import type { Location } from '../base/location.ts';
import type { Failure } from '../base/result.ts';
import { parseStanzas, type Stanza } from '../control/stanza.ts';
import { BUILD_FIELDS } from '../lock/wish.ts';
import { readText } from '../recipe/text.ts';
import type { Derived } from './subject.ts';

/**
 * Where a source asks for what cannot be installed, and what can be done about it where nobody wrote a recipe. apt names the package, so its place is
 * known; a package that another one needs stands nowhere in the source, and that one is pointed at.
 */
export async function wishPlaced(failure: Failure, { target, dsc }: Derived): Promise<Failure> {
  if (failure.reason !== 'unsatisfiable') return failure;
  const stanza = target.kind === 'tree' ? await sourceStanza(target.path) : dsc?.stanza;
  const at = stanza && placeOfWish(stanza, failure.details ?? []);
  const change = target.kind === 'tree' ? 'Change it in debian/control, or take' : 'Take';
  return {
    ...failure,
    ...(at ? { at } : {}),
    next: `${change} a container that has it: --container with further components or archives, or --profile to do without it where the source can.`,
  };
}

async function sourceStanza(tree: string): Promise<Stanza | undefined> {
  const name = join(tree, 'debian/control');
  const text = await readText(name, name);
  const stanzas = text.ok ? parseStanzas(text.value, { comments: true }) : text;
  return stanzas.ok ? stanzas.value[0] : undefined;
}

/**
 * The place of the first package that apt speaks of.
 *
 * @param words apt's: `Depends: NAME but it is not installable`, `NAME : Depends: …`
 */
export function placeOfWish(stanza: Stanza, words: readonly string[]): Location | undefined {
  const names = words.flatMap(
    (line) => /^(?:([^\s:]+)(?::\S+)? : )?(?:Pre)?(?:Depends|Conflicts|Breaks): ([^\s:]+)/.exec(line)?.slice(1) ?? [],
  );
  for (const name of names) {
    if (name === undefined) continue;
    const asked = new RegExp(`(?<![A-Za-z0-9.+-])${RegExp.escape(name)}(?![A-Za-z0-9.+-])`);
    for (const fieldName of BUILD_FIELDS) {
      const field = stanza.field(fieldName);
      const at = field === undefined ? -1 : field.value.search(asked);
      if (field !== undefined && at !== -1)
        return { source: stanza.source, start: field.valueStart + at, end: field.valueStart + at + name.length };
    }
  }
  return undefined;
}
