import { isUtf8 } from 'node:buffer';
import { sha256 } from '../base/digest.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result, StreamFailure } from '../base/result.ts';
import { compareBuildinfo } from '../control/buildinfo.ts';
import { ARCHIVE_LIMITS, type ArchiveLimits } from '../format/limits.ts';
import { EXPLAIN_LIMITS, type ExplainLimits, explain } from './explain.ts';
import { fileOpening, type Opening } from './opening.ts';
import type { Artefact, ArtefactVerdict, Comparison, Difference } from './types.ts';

export type CompareOptions = {
  readonly signal?: AbortSignal;
  readonly limits?: Partial<ExplainLimits>;
  readonly archive?: ArchiveLimits;
  readonly everyByte?: boolean; // no exceptions: every byte of every file counts
};

/** A .buildinfo of a package with a thousand build-dependencies has 100 kB. */
const MOST_BUILDINFO_BYTES = 16 * 1024 * 1024;

/** A package is unpacked on both sides, and some members once more; xz makes one byte of ten, of empty tables one of a hundred. */
const WORK_PER_BYTE = 64;

/**
 * Compares the outputs of two builds, paired by name. Equal means equal bytes, by size and SHA-256; a missing or an extra output is a difference.
 * Two exceptions, as both files speak of the time and place of a build: a .buildinfo whose counted fields agree, and a .changes, are `not-counted`
 * when they differ, unless `everyByte` is asked for. What the inside of a different output looks like only explains the verdict, and never makes it.
 *
 * @returns a failure when there is nothing to compare (usage, no-outputs), when an output cannot be read or is no longer what it was when its digest was
 *   taken (infrastructure), or when stopped by the signal
 */
export async function compareOutputs(
  first: readonly Artefact[],
  second: readonly Artefact[],
  options: CompareOptions = {},
): Promise<Result<Comparison>> {
  const one = new Map(first.map((artefact) => [artefact.name, artefact]));
  const two = new Map(second.map((artefact) => [artefact.name, artefact]));
  const names = sortedBy(new Set([...one.keys(), ...two.keys()]), (name) => name);
  if (names.length === 0 || (!options.everyByte && names.every((name) => speaksOfTheBuild(name)))) {
    return fail({
      kind: 'usage',
      reason: 'no-outputs',
      message: 'There is no output whose bytes could be compared.',
      next: 'Name at least one .deb or other file in the outputs.',
    });
  }
  const artefacts: ArtefactVerdict[] = [];
  try {
    for (const name of names) {
      options.signal?.throwIfAborted();
      artefacts.push(await judge(name, one.get(name), two.get(name), options));
    }
  } catch (error) {
    if (options.signal?.aborted) return fail(options.signal.reason as Failure);
    if (error instanceof StreamFailure) return fail(error.failure);
    throw error;
  }
  const reproducible = artefacts.every(({ verdict }) => verdict === 'equal' || verdict === 'not-counted');
  return ok({ verdict: reproducible ? 'reproducible' : 'different', artefacts });
}

/** The verdict on outputs of one name, of which one may be missing. */
async function judge(
  name: string,
  first: Artefact | undefined,
  second: Artefact | undefined,
  options: CompareOptions,
): Promise<ArtefactVerdict> {
  const row = {
    name,
    first: first && { sha256: first.sha256, size: first.size },
    second: second && { sha256: second.sha256, size: second.size },
  };
  if (first === undefined || second === undefined) {
    const side = second === undefined ? 'first' : 'second';
    return { ...row, verdict: `only-in-${side}`, differences: [{ trail: [name], what: { kind: 'only-in', side } }], more: 0 };
  }
  if (first.sha256 === second.sha256 && first.size === second.size) return { ...row, verdict: 'equal', differences: [], more: 0 };
  const excused = !options.everyByte;
  if (excused && name.endsWith('.changes')) return { ...row, verdict: 'not-counted', differences: [], more: 0 };
  if (excused && name.endsWith('.buildinfo')) {
    const fields = await buildinfoDifferences(name, first, second);
    if (fields !== undefined) return { ...row, verdict: fields.length === 0 ? 'not-counted' : 'different', differences: fields, more: 0 };
  }
  const workBytes = EXPLAIN_LIMITS.workBytes + WORK_PER_BYTE * (first.size + second.size);
  const limits: ExplainLimits = { ...EXPLAIN_LIMITS, workBytes, archive: options.archive ?? ARCHIVE_LIMITS, ...options.limits };
  const why = await explain(
    name,
    stoppable(fileOpening(first.path), options.signal),
    stoppable(fileOpening(second.path), options.signal),
    limits,
  );
  if (why.differences.length === 0) throw changed(name);
  return { ...row, verdict: 'different', ...why };
}

/** What counts and differs; undefined when one of the two is no .buildinfo, so that their bytes have to speak. */
async function buildinfoDifferences(name: string, first: Artefact, second: Artefact): Promise<readonly Difference[] | undefined> {
  if (Math.max(first.size, second.size) > MOST_BUILDINFO_BYTES) return undefined;
  const [one, two] = await Promise.all([textOf(first), textOf(second)]);
  if (one === undefined || two === undefined) return undefined;
  const fields = compareBuildinfo({ name, text: one }, { name, text: two });
  return fields.ok ? fields.value.map((field) => ({ trail: [name], what: { kind: 'field', ...field } })) : undefined;
}

/** The text of a file whose bytes are UTF-8 and those that its digest was taken of. */
async function textOf(artefact: Artefact): Promise<string | undefined> {
  const bytes = Buffer.concat(await Array.fromAsync(fileOpening(artefact.path)()));
  if (sha256(bytes) !== artefact.sha256) throw changed(artefact.name);
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

function changed(name: string): StreamFailure {
  const message = `The bytes of ${name} are no longer those whose digest was taken.`;
  return new StreamFailure({
    kind: 'infrastructure',
    reason: 'output-changed',
    message,
    next: 'Build again, and leave the folder of the outputs alone while twinbuild works in it.',
  });
}

function speaksOfTheBuild(name: string): boolean {
  return name.endsWith('.changes') || name.endsWith('.buildinfo');
}

function stoppable(opening: Opening, signal: AbortSignal | undefined): Opening {
  return async function* read() {
    for await (const piece of opening()) {
      signal?.throwIfAborted();
      yield piece;
    }
  };
}
