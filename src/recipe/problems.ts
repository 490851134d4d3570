import type { Failure } from '../base/result.ts';

/** More than these are not shown: who has a hundred problems has one. */
const MOST = 100;

/**
 * All problems of a file as one failure: the first by place, with every one (itself too) in `others` when there are several.
 *
 * @param found at least one
 */
export function problems(found: readonly Failure[]): Failure {
  const sorted = [...found].sort((a, b) => order(a, b)).slice(0, MOST);
  const [first] = sorted;
  if (first === undefined) throw new Error('problems() was called without a problem.');
  return sorted.length === 1 ? first : { ...first, others: sorted };
}

function order(a: Failure, b: Failure): number {
  const [fileA, fileB] = [a.at?.source.name ?? '', b.at?.source.name ?? ''];
  if (fileA !== fileB) return Buffer.compare(Buffer.from(fileA), Buffer.from(fileB));
  return (a.at?.start ?? 0) - (b.at?.start ?? 0);
}
