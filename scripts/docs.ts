// Writes docs/recipes.md from the schemas, docs/causes.md from the detectors and docs/gate.md from the profiles; tests fail when they have drifted apart.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { causesPage } from './causes-page.ts';
import { gatePage } from './gate-page.ts';

type Schema = {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly wanted?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly else?: Schema;
  readonly $defs?: Readonly<Record<string, Schema>>;
};

const ROOT = join(import.meta.dirname, '..');
const schemas = new Map(
  ['recipe', 'container'].map((name) => [
    `${name}.schema.json`,
    JSON.parse(readFileSync(join(ROOT, 'schema', `${name}.schema.json`), 'utf8')) as Schema,
  ]),
);

/** The whole page. */
export function recipesPage(): string {
  return `${[HEAD, fieldsOf('recipe.schema.json', 'A recipe'), fieldsOf('container.schema.json', 'A container'), TAIL].join('\n\n')}\n`;
}

function fieldsOf(file: string, heading: string): string {
  const schema = schemas.get(file);
  if (schema === undefined) throw new Error(`there is no ${file}`);
  return [`## ${heading}`, schema.description ?? '', ...sections(schema, file, '', 3)].join('\n\n');
}

/** A part for each field, and below it one for each field of its own. */
function sections(schema: Schema, file: string, prefix: string, depth: number): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, own]) => {
    const field = resolved(own, file);
    const path = `${prefix}${name}`;
    const facts = [
      schema.required?.includes(name) ? 'Required.' : '',
      typeWords(field, file),
      field.default === undefined ? '' : `Default: ${code(field.default)}.`,
    ].filter((one) => one !== '');
    const examples = field.examples?.length ? [`Example: ${field.examples.map((one) => code({ [name]: one })).join(' or ')}`] : [];
    const inner = [field, field.items && resolved(field.items, file), field.else].flatMap((one, index) =>
      one ? sections(one, file, index === 1 ? `${path}[].` : `${path}.`, depth + 1) : [],
    );
    return [`${'#'.repeat(depth)} \`${path}\``, field.description ?? '', facts.join(' '), ...examples, ...inner];
  });
}

function resolved(schema: Schema, file: string): Schema {
  if (schema.$ref === undefined) return schema;
  const [other, pointer = ''] = schema.$ref.split('#');
  const at = other === '' || other === undefined ? file : other;
  const target = pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], schemas.get(at)) as Schema;
  return { ...resolved(target, at), ...schema };
}

function typeWords(schema: Schema, file: string): string {
  if (schema.enum) return `One of ${schema.enum.map((one) => `\`${one}\``).join(', ')}.`;
  if (schema.items) {
    const items = resolved(schema.items, file);
    const what = items.enum ? `of ${items.enum.map((one) => `\`${one}\``).join(', ')}` : items.wanted ? `; each ${items.wanted}` : '';
    return `A list${what.startsWith(';') ? what : what && ` ${what}`}.`;
  }
  if (schema.wanted) return `${schema.wanted[0]?.toUpperCase()}${schema.wanted.slice(1)}.`;
  return schema.properties || schema.additionalProperties ? 'A mapping.' : '';
}

/** A value as YAML in one line. */
function code(value: unknown): string {
  return `\`${flow(value, true)}\``;
}

function flow(value: unknown, top = false): string {
  if (Array.isArray(value)) return `[${value.map((one) => flow(one)).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value).map(([name, inner]) => `${name}: ${flow(inner)}`);
    return top ? fields.join('\n') : `{${fields.join(', ')}}`;
  }
  return typeof value === 'string' && /[,:[\]{}#&*!|>'"%@`]/.test(value) ? JSON.stringify(value) : String(value);
}

const HEAD = `# Recipes and containers

This page is made from the schemas in \`schema/\` by \`node scripts/docs.ts\`. The same schemas check every file that twinbuild
reads, and let an editor complete and check what you write. For that, the first line of a recipe says where its schema is:

\`\`\`yaml
# yaml-language-server: $schema=../../schema/recipe.schema.json
name: hello
sources:
  - debian: hello
    version: 2.10-3
\`\`\`

This is a whole recipe. It stands in \`recipes/hello/recipe.yaml\`, and \`twinbuild lock hello\` writes \`recipe.lock\` next to it.
Wherever a command takes RECIPE, it takes a name in \`recipes/\`, or the path of a \`recipe.yaml\` (or of its folder) anywhere.

When a file is wrong, every problem in it is reported at once, with its place:

\`\`\`
recipes/hello/recipe.yaml:3:1 The recipe has no key \`source\`; did you mean \`sources\`?
  source:
  ^^^^^^
\`\`\``;

const TAIL = `## What is in a lock

\`recipe.lock\` names everything that a build is made from: each package of the builder image and each source file with its size and
sha256, the date that becomes \`SOURCE_DATE_EPOCH\`, and the sha256 of each signed \`InRelease\` that vouches for them. It is JSON with one
package a line, so that a diff shows what changed. A lock is always used as it is, and never changed by any command but \`lock\`:

* it holds a digest of the recipe, of each part of it, of its container, its patches and its local folders. When one of them has changed, every command
  stops and says which, until \`twinbuild lock\` was run;
* it holds a digest of itself. When it was edited, every command stops;
* its line ends are LF, also where git would change that: \`*.lock text eol=lf\` in \`.gitattributes\`.

The digests do not depend on formatting and comments, on where a checkout stands, or on dates, owners and umask of files. Of a local folder
count the names, contents, link targets and execute bits; left out are \`.git\`, folders that call themselves a cache with \`CACHEDIR.TAG\`, and a
\`recipe.lock\` at its top or in its \`debian/\`.

The base of a builder image follows from the container's \`variant\` by rules of our own, the same as those of debootstrap and mmdebstrap: what the variant asks for and everything
that it needs, each package in its newest version. What the build needs beyond that is chosen by apt itself, in a container of the base without a network.`;

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(ROOT, 'docs/recipes.md'), recipesPage());
  writeFileSync(join(ROOT, 'docs/causes.md'), causesPage());
  writeFileSync(join(ROOT, 'docs/gate.md'), gatePage());
}
