import type { Difference } from '../deb/types.ts';
import { hasCompiler, type Newer } from './newer.ts';
import type { Reason, ToolChange } from './toolchain.ts';

/** What is known of the packages that it was built with: those that are younger here, and those that a collected .buildinfo names in another version. */
export type Since = { readonly newer: readonly Newer[]; readonly changed: readonly ToolChange[] };

const MOST_OPEN = 5;
const MOST_NEWER = 6;

/**
 * Whether everything that differs goes with a tool that is another one: it left its mark, or only what a compiler leaves in debugging symbols differs and the
 * compiler here is younger than what was published.
 */
export function isToolchain({ changes, ids, code, open, unseen }: Reason, since: Since): boolean {
  if (open.length + unseen > 0) return false;
  return ids + code.length > 0 ? isOtherCompiler(since) || (code.length === 0 && changes.length > 0) : changes.length > 0;
}

function isOtherCompiler({ newer, changed }: Since): boolean {
  return hasCompiler([...newer.map(({ name }) => name), ...changed.map(({ tool }) => tool)]);
}

/** Why a rebuild is not the same, a sentence each; text from outside is not escaped. */
export function reasonsOf({ changes, ids, code, open: places, unseen }: Reason, since: Since): readonly string[] {
  const { newer, changed } = since;
  const compiled = code.length > 0 && isOtherCompiler(since);
  const open = compiled ? places : [...code, ...places];
  const young = newer.slice(0, MOST_NEWER).map(({ name, version, dateSeconds }) => `${name} ${version} (${day(dateSeconds)})`);
  const more = newer.length > MOST_NEWER ? ` and ${newer.length - MOST_NEWER} more` : '';
  return [
    ...changes.map(({ tool, published, rebuilt }) => `${tool}: ${published} as published, ${rebuilt} here`),
    ...(compiled
      ? [`compiled code differs in ${code.length} ${code.length === 1 ? 'place' : 'places'}, and the compiler here is another one`]
      : []),
    ...(ids > 0 && code.length === 0 && places.length === 0
      ? [
          'only build ids differ: the programs are the same, what was stripped from them (debugging symbols, the mark of the compiler) is not',
        ]
      : []),
    ...open.slice(0, MOST_OPEN).map(placeText),
    ...(open.length > MOST_OPEN ? [`and ${open.length - MOST_OPEN} more places that nothing explains`] : []),
    ...changed
      .slice(0, MOST_NEWER)
      .map(
        ({ tool, published, rebuilt }) => `it was built with ${tool} ${published}, as its collected .buildinfo says; here it is ${rebuilt}`,
      ),
    ...(unseen > 0 ? [`and ${unseen} places that were not looked at`] : []),
    ...(young.length > 0 && changed.length === 0
      ? [`younger than what was published, so not what it was built with: ${young.join(', ')}${more}`]
      : []),
  ];
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Where something differs, and what. */
function placeText({ trail, what }: Difference): string {
  return `${trail.join(' › ')}: ${kindText(what)}`;
}

function kindText(what: Difference['what']): string {
  switch (what.kind) {
    case 'only-in':
      return what.side === 'first' ? 'only in what was published' : 'only in what was built here';
    case 'attribute':
      return `${what.attribute} is ${what.first} as published, ${what.second} here`;
    case 'field':
      return `${what.field} is ${what.first ?? 'absent'} as published, ${what.second ?? 'absent'} here`;
    case 'order':
      return 'the members are in another order';
    case 'content':
      return `the bytes differ from ${what.offset} on`;
    case 'text':
      return 'the text differs';
    case 'encoding':
      return 'packed differently, what is inside is equal';
    case 'unreadable':
      return 'the bytes differ, and could not be looked into';
    default:
      return what satisfies never;
  }
}
