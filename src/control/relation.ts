import type { SourceText } from '../base/location.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { matchesArchitecture } from './architecture.ts';
import type { Stanza } from './stanza.ts';
import { compareVersions, parseVersion } from './version.ts';

export type Operator = '<<' | '<=' | '=' | '>=' | '>>';

/** A wish for one package, as in `gcc-12:native (>= 12.2) [linux-any] <!nocheck>` (Policy 7.1). */
export type Relation = {
  readonly name: string;
  readonly qualifier: string | undefined; // any, native, or an architecture
  readonly version: { readonly operator: Operator; readonly version: string } | undefined;
  readonly architectures: readonly { readonly negated: boolean; readonly name: string }[]; // empty: on all
  readonly profiles: readonly (readonly { readonly negated: boolean; readonly name: string }[])[]; // one list has to hold whole; empty: always
};

/** `a | b`: one of them will do. */
export type Alternatives = readonly Relation[];

const RELATION =
  /^([A-Za-z0-9][A-Za-z0-9+.-]*)(?::([a-z0-9][a-z0-9-]*))?\s*(?:\(\s*(<<|<=|=|>=|>>|<|>)\s*([^\s()]+)\s*\))?\s*(?:\[\s*([^[\]]*?)\s*\])?\s*((?:<[^<>]*>\s*)*)$/;
// `<` and `>` once meant what `<=` and `>=` mean; dpkg still reads them so.
const OLD_OPERATORS: Readonly<Record<string, Operator>> = { '<': '<=', '>': '>=' };

/**
 * Parses the value of a relationship field. Comma at the end and empty places are allowed, as dpkg allows them.
 *
 * @param start where the value stands in the source, for the places of failures
 * @returns a `usage` failure control-relation, the others of the same field in `others`
 */
export function parseRelations(source: SourceText, value: string, start: number): Result<readonly Alternatives[]> {
  const all: Alternatives[] = [];
  const problems: { start: number; end: number; text: string }[] = [];
  let at = start;
  for (const part of value.split(',')) {
    const alternatives: Relation[] = [];
    let partAt = at;
    for (const text of part.trim() === '' ? [] : part.split('|')) {
      const relation = parseRelation(text.trim());
      const from = partAt + (text.length - text.trimStart().length);
      if (relation === undefined) problems.push({ start: from, end: from + text.trim().length, text: text.trim() });
      else alternatives.push(relation);
      partAt += text.length + 1;
    }
    if (alternatives.length > 0) all.push(alternatives);
    at += part.length + 1;
  }
  const [first, ...others] = problems.map(({ text, ...place }) => ({
    kind: 'usage' as const,
    reason: 'control-relation',
    message:
      text === ''
        ? 'There is an empty alternative.'
        : `"${text.replaceAll(/\s+/g, ' ')}" is not a relation such as "package (>= version)".`,
    at: { source, ...place },
  }));
  return first === undefined ? ok(all) : fail({ ...first, ...(others.length > 0 ? { others } : {}) });
}

/** The relations of a stanza's field; none when it has no such field. */
export function relationsOf(stanza: Stanza, fieldName: string): Result<readonly Alternatives[]> {
  const field = stanza.field(fieldName);
  return field === undefined ? ok([]) : parseRelations(stanza.source, field.value, field.valueStart);
}

/** One relation without alternatives, or undefined when the text is none. */
export function parseRelation(text: string): Relation | undefined {
  const match = RELATION.exec(text);
  if (match === null) return undefined;
  const [, name = '', qualifier, sign, version, architectures, profiles = ''] = match;
  if (version !== undefined && parseVersion(version) === undefined) return undefined;
  const operator = OLD_OPERATORS[sign ?? ''] ?? (sign as Operator | undefined);
  return {
    name,
    qualifier,
    version: operator === undefined || version === undefined ? undefined : { operator, version },
    architectures: words(architectures ?? ''),
    profiles: [...profiles.matchAll(/<([^<>]*)>/g)].map(([, list = '']) => words(list)),
  };
}

/** Whether a package of that version is what the relation asks for. */
export function satisfies(version: string, relation: Pick<Relation, 'version'>): boolean {
  if (relation.version === undefined) return true;
  const order = compareVersions(version, relation.version.version);
  switch (relation.version.operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
    default:
      return relation.version.operator satisfies never;
  }
}

/** Whether the relation counts on an architecture with these build profiles (Policy 7.1; deb-src-control(5)). */
export function applies(relation: Relation, on: { readonly architecture: string; readonly profiles: readonly string[] }): boolean {
  const { architectures, profiles } = relation;
  const named = architectures.some(({ name }) => matchesArchitecture(on.architecture, name));
  const negated = architectures[0]?.negated === true; // Policy: all of them or none
  if (architectures.length > 0 && named === negated) return false;
  return profiles.length === 0 || profiles.some((list) => list.every(({ negated, name }) => on.profiles.includes(name) !== negated));
}

/** The relation as text again, without white space that means nothing. */
export function formatRelation(relation: Relation): string {
  const word = ({ negated, name }: { readonly negated: boolean; readonly name: string }) => (negated ? `!${name}` : name);
  return [
    relation.qualifier === undefined ? relation.name : `${relation.name}:${relation.qualifier}`,
    ...(relation.version === undefined ? [] : [`(${relation.version.operator} ${relation.version.version})`]),
    ...(relation.architectures.length === 0 ? [] : [`[${relation.architectures.map(word).join(' ')}]`]),
    ...relation.profiles.map((list) => `<${list.map(word).join(' ')}>`),
  ].join(' ');
}

function words(list: string): { readonly negated: boolean; readonly name: string }[] {
  return list
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => ({ negated: word.startsWith('!'), name: word.replace(/^!/, '') }));
}
