import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, type Node, parseDocument, visit } from 'yaml';
import type { Location, SourceText } from '../base/location.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import { problems } from './problems.ts';

/** The way from the top of a document to a value: keys of mappings and indices of lists. */
export type Path = readonly (string | number)[];

/** A YAML document as a plain value, with the place of everything in it. */
export type Tree = {
  readonly source: SourceText;
  readonly value: unknown; // mappings as objects, nothing else than JSON has
  /** The place of a value, or of the key that it stands under. Where there is none, that of the nearest thing around it. */
  readonly locate: (path: Path, part?: 'key' | 'value') => Location;
  /** How the value is written, for a scalar: `2.10` where the value is the number 2.1. */
  readonly written: (path: Path) => string | undefined;
};

/** One slip makes the parser trip many times over. */
const MOST_SYNTAX = 10;

/**
 * Parses one YAML 1.2 document (core schema). What makes YAML more than JSON with comments is refused, because nothing here needs it and
 * each has surprised somebody: anchors and aliases (small files that expand without end), tags, keys that are not texts, further
 * documents, and a key twice in one mapping.
 *
 * @returns all problems of the file, each with its place
 */
export function parseYaml(source: SourceText): Result<Tree> {
  try {
    return parse(source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the stack ran out
    return fail(problem(source, [0, 1], 'yaml-nesting', 'The file is nested too deeply'));
  }
}

function parse(source: SourceText): Result<Tree> {
  // Duplicate keys are found below: the library compares each key with each.
  const document = parseDocument(source.text, {
    prettyErrors: false,
    uniqueKeys: false,
    version: '1.2',
    schema: 'core',
    logLevel: 'error',
  });
  const found = [
    ...document.errors.slice(0, MOST_SYNTAX).map(({ code, pos, message }) => problem(source, pos, 'yaml-syntax', sentence(code, message))),
    ...(document.errors.length === 0 ? refused(document, source) : []),
  ];
  if (found.length > 0) return fail(problems(found));
  return ok({
    source,
    value: document.toJS({ maxAliasCount: 0 }) as unknown,
    locate: (path, part = 'value') => ({ source, ...rangeOf(document, path, part) }),
    written: (path) => {
      const node = document.getIn(path, true);
      return isScalar(node) && node.range ? source.text.slice(node.range[0], node.range[1]) : undefined;
    },
  });
}

function refused(document: ReturnType<typeof parseDocument>, source: SourceText): Failure[] {
  const found: Failure[] = [];
  visit(document, {
    Node: (_key, node) => {
      const range = (node as Node).range ?? [0, 1];
      if (isAlias(node)) found.push(problem(source, range, 'yaml-alias', `Aliases of YAML are not used here: *${node.source}`));
      else if (node.anchor) found.push(problem(source, range, 'yaml-anchor', `Anchors of YAML are not used here: &${node.anchor}`));
      if (!isAlias(node) && node.tag) found.push(problem(source, range, 'yaml-tag', `Tags of YAML are not used here: ${node.tag}`));
    },
    Map: (_key, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key) || typeof key.value !== 'string') {
          const range = (isNode(key) ? key.range : undefined) ?? map.range ?? [0, 1];
          found.push(problem(source, range, 'yaml-key', 'A key must be a text; put it in quotes'));
        } else if (seen.has(key.value)) {
          found.push(problem(source, key.range ?? [0, 1], 'duplicate-key', `\`${key.value}\` stands twice in this mapping`));
        } else seen.add(key.value);
      }
    },
  });
  return found;
}

function rangeOf(document: ReturnType<typeof parseDocument>, path: Path, part: 'key' | 'value'): { start: number; end: number } {
  let node: unknown = document.contents;
  let range: readonly number[] = (isNode(node) ? node.range : undefined) ?? [0, 1];
  for (const [depth, name] of path.entries()) {
    const inner = child(node, name);
    if (inner === undefined) break;
    // An empty value has no extent of its own, and a mapping or a list is better known by its key.
    const { key, value } = inner;
    const extent = isNode(value) ? value.range : undefined;
    const byKey = (depth === path.length - 1 && part === 'key') || isCollection(value) || !extent || extent[0] === extent[1];
    range = (byKey && isNode(key) ? key.range : extent) ?? range;
    node = value;
  }
  const [start = 0, end = start + 1] = range;
  return { start, end: Math.max(end, start + 1) };
}

/** The value below a key or an index, and the key's own node. */
function child(node: unknown, name: string | number): { readonly key: unknown; readonly value: unknown } | undefined {
  if (isMap(node)) return node.items.find(({ key }) => isScalar(key) && key.value === name);
  const item = isSeq(node) ? node.items[Number(name)] : undefined;
  return item === undefined ? undefined : { key: undefined, value: item };
}

function problem(source: SourceText, [start, end]: readonly number[], reason: string, message: string): Failure {
  const from = Math.min(start ?? 0, source.text.length);
  return { kind: 'usage', reason, message, at: { source, start: from, end: Math.max(from + 1, end ?? 0) } };
}

/** The library's words, where they are for programmers, in words for people. */
function sentence(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'YAML is indented with spaces, not with tabs';
    case 'MULTIPLE_DOCS':
      return 'A second YAML document begins here; there may be only one';
    default:
      return `This is not YAML: ${message}`;
  }
}
