import { sortedBy } from '../base/order.ts';
import type { MissingHelper } from './types.ts';

/** How diffoscope names a program that it did not find, in a comment of its own on a difference. */
const NOT_FOUND = /^'?([A-Za-z0-9][\w.+-]{0,63})'? not available in path\b(?:.*?Installing the '([^'\n]{1,200})' package)?/gm;

/**
 * The helpers that diffoscope names as missing in the JSON form of its report (an object with `source1`, `comments`, `details` …), each
 * once. Only its comments are looked at: what it shows of files may say anything. None when this is not such a report.
 */
export function missingHelpers(json: string): readonly MissingHelper[] {
  const found = new Map<string, string | null>();
  for (const comment of commentsOf(json)) {
    for (const [, helper = '', wanted] of comment.matchAll(NOT_FOUND)) found.set(helper, wanted ?? found.get(helper) ?? null);
  }
  return sortedBy(found, ([helper]) => helper).map(([helper, wanted]) => ({ helper, package: wanted }));
}

/** The comments of a report's differences, at any depth. */
function* commentsOf(json: string): Generator<string> {
  const open: unknown[] = [parsed(json)];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    const { comments, details } = node as { readonly comments?: unknown; readonly details?: unknown };
    if (Array.isArray(details)) for (const one of details) open.push(one);
    if (Array.isArray(comments)) yield* comments.filter((comment) => typeof comment === 'string');
  }
}

/** The value of a JSON text; undefined when it is none. */
export function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
