import type { SourceText } from '../base/location.ts';
import { ok, type Result } from '../base/result.ts';
import { type Alternatives, applies, formatRelation, parseRelations } from '../control/relation.ts';
import type { BuildPart } from '../recipe/recipe.ts';

/** The fields of a source package that say what its build needs. */
export const BUILD_FIELDS = [
  'Build-Depends',
  'Build-Depends-Arch',
  'Build-Depends-Indep',
  'Build-Conflicts',
  'Build-Conflicts-Arch',
  'Build-Conflicts-Indep',
] as const;
export type BuildFields = Readonly<Partial<Record<(typeof BUILD_FIELDS)[number], string>>>;

/** The fields that count for a build of those packages (deb-src-control(5)). */
export function fieldsFor(fields: BuildFields, build: BuildPart): BuildFields {
  const other = { binary: undefined, any: '-Indep', all: '-Arch' }[build];
  return Object.fromEntries(Object.entries(fields).filter(([name]) => other === undefined || !name.endsWith(other)));
}

/** What a builder image has to have beyond its base. */
export type Wish = {
  readonly name: string; // for people: 'hello 2.10-3'
  readonly fields: BuildFields | undefined; // of the source package; undefined when there is none
  readonly relations: readonly string[]; // of the recipe and its container, each one with its alternatives
  readonly profiles: readonly string[];
};

/** Folder of the control file in the workshop. */
export const WISH_FOLDER = 'twinbuild/wish';

/** A debian/control for `apt-get build-dep`: the source's own fields, with the further relations among its Build-Depends. */
export function controlOf({ fields, relations }: Wish): string {
  const whole = {
    ...fields,
    'Build-Depends': [fields?.['Build-Depends'] ?? '', ...relations].filter((one) => one.trim() !== '').join(', '),
  };
  const lines = BUILD_FIELDS.flatMap((name) => {
    const value = oneLine(whole[name] ?? '');
    return value === '' ? [] : [`${name}: ${value}`];
  });
  return [
    'Source: wish',
    'Maintainer: nobody <nobody@localhost>',
    ...lines,
    '',
    'Package: wish',
    'Architecture: any',
    'Description: wish',
    '',
  ].join('\n');
}

/** The relations for `apt-get satisfy`, which knows nothing of architectures and profiles. */
export function satisfyWords({ relations, profiles }: Wish, architecture: string): Result<readonly string[]> {
  const source: SourceText = { name: 'packages', text: relations.join(', ') };
  const parsed = parseRelations(source, source.text, 0);
  if (!parsed.ok) return parsed;
  const plain = (alternatives: Alternatives): string =>
    alternatives
      .filter((one) => applies(one, { architecture, profiles }))
      .map((one) => formatRelation({ ...one, architectures: [], profiles: [] }))
      .join(' | ');
  return ok(parsed.value.map(plain).filter((one) => one !== ''));
}

/** A field's value without line breaks: nothing in it can start another field. */
function oneLine(value: string): string {
  return value.replaceAll(/\s+/g, ' ').trim();
}
