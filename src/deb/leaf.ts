import { heldWhat } from './content.ts';
import { type Fields, fieldDifferences, fieldsOf, splitPdf, splitPyc } from './fields.ts';
import type { Leaf } from './members.ts';
import { someStrings, tableStrings, versionStrings } from './strings.ts';
import { linesOf, textDifference } from './text.ts';
import type { Difference } from './types.ts';

/** What differs, and in which part of the content when that has a name. */
export type Leaves = readonly { readonly part?: string; readonly what: Difference['what'] }[];

const MOST_STRING_BYTES = 4 * 1024 * 1024;

/** What two contents that differ and have no members mean, in their own words where we know them, else as bytes. Never empty. */
export function leafDifferences(name: string, leaf: Leaf | undefined, first: Uint8Array, second: Uint8Array): Leaves {
  return (leaf === undefined ? byNature(name, first, second) : byLeaf(leaf, first, second)) ?? [{ what: heldWhat(first, second) }];
}

function byLeaf(leaf: Leaf, first: Uint8Array, second: Uint8Array): Leaves | undefined {
  const short = Math.max(first.length, second.length) <= MOST_STRING_BYTES;
  switch (leaf) {
    case 'bytes':
      return undefined;
    case 'strings':
    case 'some-strings':
    case 'versions': {
      const read = leaf === 'strings' ? tableStrings : leaf === 'versions' ? versionStrings : someStrings;
      const text = short ? textDifference(read(first), read(second)) : undefined;
      if (text === undefined) return undefined;
      return [{ what: heldWhat(first, second) }, { part: leaf === 'versions' ? 'versions' : 'strings', what: text }];
    }
    case 'modinfo':
    case 'notes':
    case 'debuglink':
    case 'png-text':
    case 'png-time':
    case 'font-head':
      return fieldLeaves(fieldsOf(leaf, first), fieldsOf(leaf, second));
    default:
      return leaf satisfies never;
  }
}

function byNature(name: string, first: Uint8Array, second: Uint8Array): Leaves | undefined {
  const [pyc, otherPyc] = [splitPyc(name, first), splitPyc(name, second)];
  if (pyc && otherPyc) {
    const code = Buffer.compare(pyc.code, otherPyc.code) === 0 ? [] : [{ part: 'code', what: heldWhat(pyc.code, otherPyc.code) }];
    const found = [...(fieldLeaves(pyc.fields, otherPyc.fields) ?? []), ...code];
    return found.length === 0 ? undefined : found;
  }
  const [pdf, otherPdf] = [splitPdf(first), splitPdf(second)];
  if (pdf && otherPdf) {
    const fields = fieldLeaves(pdf.fields, otherPdf.fields);
    if (fields !== undefined) return pdf.rest === otherPdf.rest ? fields : [...fields, { what: heldWhat(first, second) }];
  }
  const [lines, others] = [linesOf(first), linesOf(second)];
  const text = lines && others && textDifference(lines, others);
  return text && [{ what: text }];
}

function fieldLeaves(first: Fields | undefined, second: Fields | undefined): Leaves | undefined {
  const found = first && second && fieldDifferences(first, second);
  return found === undefined || found.length === 0 ? undefined : found.map((field) => ({ what: { kind: 'field', ...field } }));
}
