import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import containerSchema from '../../schema/container.schema.json' with { type: 'json' };
import lockSchema from '../../schema/lock.schema.json' with { type: 'json' };
import recipeSchema from '../../schema/recipe.schema.json' with { type: 'json' };
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { problems } from './problems.ts';
import { nearest } from './suggest.ts';
import type { Path, Tree } from './yaml.ts';

// `verbose` gives the schema's part with each error: its `wanted` says in words what a pattern says in signs.
// That our schemas are schemas is held by a test; to find it out in every run, and to make the code small that each file is held against once, takes a tenth of
// a second.
const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  allowUnionTypes: true,
  validateSchema: false,
  meta: false,
  code: { optimize: false },
});
ajv.addVocabulary(['wanted']);
ajv.addSchema(recipeSchema);
ajv.addSchema(containerSchema);
ajv.addSchema(lockSchema);

/** Holds a file against its schema; all problems at once, sorted by place. */
export function validate(tree: Tree, kind: 'recipe' | 'container' | 'lock'): Result<void> {
  if (tree.value === null || tree.value === undefined) {
    return fail({ kind: 'usage', reason: 'empty-file', message: `The ${kind} is empty`, at: tree.locate([]) });
  }
  const check = ajv.getSchema(`${kind}.schema.json`) as ValidateFunction;
  if (check(tree.value)) return ok();
  const errors = (check.errors ?? []).filter((error, _index, all) => !all.some((other) => explains(other, error)));
  const found = new Map<string, Failure>();
  for (const error of errors) {
    const one = problemOf(error, tree, kind);
    if (one !== undefined) found.set(`${one.at?.start} ${one.reason}`, one); // two rules that say the same of one place
  }
  return fail({ next: `docs/recipes.md describes every field of a ${kind}.`, ...problems([...found.values()]) });
}

/** Whether an error is about a key that is missing, and another about the very key, misspelt, in the same mapping. */
function explains(other: ErrorObject, error: ErrorObject): boolean {
  if (other.keyword !== 'additionalProperties' || other.instancePath !== error.instancePath) return false;
  const suggested = nearest(String(other.params['additionalProperty']), keysOf(other));
  if (suggested === undefined) return false;
  if (error.keyword === 'required') return error.params['missingProperty'] === suggested;
  return error.keyword === 'oneOf' && (error.schema as { required?: string[] }[]).some(({ required }) => required?.includes(suggested));
}

function keysOf(error: ErrorObject): string[] {
  return Object.keys((error.parentSchema as { properties?: object } | undefined)?.properties ?? {});
}

function problemOf(error: ErrorObject, tree: Tree, kind: string): Failure | undefined {
  const path = pointerPath(error.instancePath, tree.value);
  const wanted = (error.parentSchema as { wanted?: string } | undefined)?.wanted;
  const label = labelOf(path, kind);
  const problem = (reason: string, message: string, at = tree.locate(path)): Failure => ({ kind: 'usage', reason, message, at });
  const missing = (key: string): Failure => problem('missing-key', `${label} has no \`${key}\``);
  switch (error.keyword) {
    case 'if': // only says that a branch failed; the branch's own error says why
      return undefined;
    case 'additionalProperties': {
      const key = String(error.params['additionalProperty']);
      return problem('unknown-key', `${label} has no key \`${key}\`${meant(key, keysOf(error))}`, tree.locate([...path, key], 'key'));
    }
    case 'false schema': {
      const other = ['debian', 'dsc', 'tarball', 'folder', 'git'].find((name) => error.schemaPath.includes(`/${name}/`)) ?? 'this';
      return problem('unfit-key', `\`${path.at(-1)}\` does not go with \`${other}\``, tree.locate(path, 'key'));
    }
    case 'required':
      // Inside oneOf a missing key is one way out of several; the oneOf itself says which.
      return error.schemaPath.includes('/oneOf/') ? undefined : missing(String(error.params['missingProperty']));
    case 'dependentRequired':
      return problem(
        'missing-key',
        `${label} has \`${error.params['property']}\`, but no \`${error.params['missingProperty']}\`; an address alone says nothing about content`,
      );
    case 'oneOf':
      return problem('unfit-keys', `${label} must have exactly ${wanted ?? 'one of several keys'}`);
    case 'enum': {
      const allowed = (error.params['allowedValues'] as unknown[]).map(String);
      const list = wanted ?? `one of ${allowed.join(', ')}`;
      return problem('unknown-value', `${label} must be ${list}, not ${shown(error.data)}${meant(String(error.data), allowed)}`);
    }
    case 'type':
      return problem('wrong-type', typeSentence(label, error, tree.written(path), wanted));
    case 'propertyNames': {
      const key = String(error.params['propertyName']);
      return problem('bad-key', `\`${key}\` in ${label} is not a usable name`, tree.locate([...path, key], 'key'));
    }
    case 'pattern':
    case 'minLength':
    case 'maxLength': {
      if (error.propertyName !== undefined) return undefined; // propertyNames says it
      if (error.keyword === 'maxLength') return problem('bad-value', `${label} is longer than ${error.params['limit']} signs`);
      return problem('bad-value', `${label} must be ${wanted ?? 'something else'}, not ${shown(error.data)}`);
    }
    case 'minItems':
      return problem('bad-value', `${label} is an empty list`);
    case 'uniqueItems':
      return problem(
        'bad-value',
        `${label} says ${shown((error.data as unknown[])[error.params['i'] as number])} twice`,
        tree.locate([...path, error.params['i'] as number]),
      );
    case 'minimum':
    case 'maximum':
      return problem('bad-value', `${label} must be ${wanted ?? 'a number'} from ${range(error)}, not ${shown(error.data)}`);
    default:
      return problem('bad-value', `${label} ${error.message ?? 'is wrong'}`);
  }
}

function range(error: ErrorObject): string {
  const { minimum, maximum } = error.parentSchema as { minimum?: number; maximum?: number };
  return `${minimum} to ${maximum}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  array: 'a list',
  object: 'a mapping',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

function typeSentence(label: string, error: ErrorObject, written: string | undefined, wanted: string | undefined): string {
  const types = [error.params['type'] as string | string[]].flat();
  const expected = wanted ?? types.map((type) => TYPE_WORDS[type] ?? type).join(' or ');
  const { data } = error;
  const type = data === null ? 'null' : Array.isArray(data) ? 'array' : typeof data;
  if (types.includes('string') && (type === 'number' || type === 'boolean')) {
    const { pattern } = error.parentSchema as { pattern?: string };
    const way = written !== undefined && (pattern === undefined || new RegExp(pattern, 'u').test(written)) ? `: write "${written}"` : '';
    return `${label} must be ${expected}; ${written} without quotes is ${type === 'number' ? 'a number' : 'a truth value'}${way}`;
  }
  if (type === 'null') return `${label} is empty; it must be ${expected}`;
  return `${label} must be ${expected}, not ${TYPE_WORDS[type]}`;
}

/** How a message calls a place: `steps[1].run`; `the recipe` for the whole. */
function labelOf(path: Path, kind: string): string {
  if (path.length === 0) return `The ${kind}`;
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return `\`${text.replace(/^\./, '')}\``;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function meant(found: string, known: readonly string[]): string {
  const one = nearest(found, known);
  return one === undefined ? '' : `; did you mean \`${one}\`?`;
}

/** A JSON pointer as a path; a part is an index where the value there is a list (RFC 6901). */
function pointerPath(pointer: string, value: unknown): Path {
  let inner = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const list = Array.isArray(inner);
      inner = (inner as Record<string, unknown>)[key];
      return list ? Number(key) : key;
    });
}
