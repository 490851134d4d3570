import { sha256 } from '../base/digest.ts';
import { placeOf } from '../base/location.ts';
import { canonicalJson } from '../base/order.ts';
import type { Failure } from '../base/result.ts';
import { statusOf } from '../queue/course.ts';
import type { AttemptEnd } from '../queue/types.ts';
import { placesOfArtefact } from '../report/places.ts';
import type { Report } from '../report/report.ts';
import { CONSEQUENCE, counts } from '../report/sentence.ts';
import type { ReproEnd } from './deeper.ts';

/** Places of one output that are remembered; the report has all. */
const MOST_PLACES = 3;

/** What is remembered of the end of a run; undefined when it says nothing about the package. */
export function attemptEnd({ report, failure }: ReproEnd, wallSeconds: number): AttemptEnd | undefined {
  const status = report && !failure ? report.verdict : failure && statusOf(failure);
  if (status === undefined) return undefined;
  return {
    status,
    reason: failure?.reason ?? null,
    message: failure ? sentenceOf(failure) : null,
    next: failure?.next ?? null,
    version: report ? versionOf(report) : null,
    wallSeconds,
    inputs: report ? inputsDigest(report) : null,
    outputs: report && status === 'reproducible' ? outputsDigest(report) : null,
    lock: report?.lock.digest ?? null,
    different: (report?.artefacts ?? []).filter(counts).map((artefact) => ({
      name: artefact.name,
      verdict: artefact.verdict,
      places: placesOfArtefact(artefact, MOST_PLACES),
      causes: [...new Set(artefact.causes.map(({ name }) => name).filter((name) => name !== CONSEQUENCE))],
    })),
  };
}

/** What a report that is there says of the run that it is of. */
export function endOfReport(report: Report): AttemptEnd | undefined {
  const failure = report.failure as unknown as Failure | null;
  return attemptEnd(failure === null ? { status: 0, report } : { status: 0, report, failure }, report.wallSeconds);
}

function sentenceOf({ message, at }: Failure): string {
  return at?.source === undefined ? message : `${placeOf(at)}: ${message}`;
}

/** The version of the source as file names have it (without an epoch), from the papers of the build, else from its .dsc. */
function versionOf({ artefacts, inputs }: Report): string | null {
  for (const { name } of artefacts) {
    const version = /^[^_]+_([^_]+)_[^_]+\.(?:buildinfo|changes)$/.exec(name)?.[1];
    if (version !== undefined) return version;
  }
  for (const { file } of inputs?.sources ?? []) {
    const version = /(?:^|\/)[^_/]+_([^_/]+)\.dsc$/.exec(file)?.[1];
    if (version !== undefined) return version;
  }
  return null;
}

/** Everything that should decide the outputs, and what was varied: two attempts with the same digest have to end in the same way. */
function inputsDigest({ recipe, lock, image, varied, twinbuild, prediction }: Report): string | null {
  if (lock.digest === null || image === null) return null;
  return sha256(canonicalJson({ recipe: recipe.digest, lock: lock.digest, image, varied, twinbuild, as: prediction?.profile ?? null }));
}

function outputsDigest({ artefacts }: Report): string {
  return sha256(canonicalJson(artefacts.filter(({ verdict }) => verdict === 'equal').map(({ name, first }) => [name, first?.sha256])));
}
