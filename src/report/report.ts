import type { Sha256 } from '../base/digest.ts';
import type { Failure, FailureKind } from '../base/result.ts';
import type { Prediction } from '../build/profiles.ts';
import type { Built, NotVaried, StepResult, Varied } from '../build/types.ts';
import type { Why } from '../build/why-result.ts';
import type { Cause } from '../cause/types.ts';
import type { ArtefactVerdict, Comparison } from '../deb/types.ts';
import type { DeepLook } from '../deep/types.ts';
import type { Lock } from '../lock/types.ts';
import type { BuildPart, Recipe } from '../recipe/recipe.ts';
import { failureJson } from './failure.ts';
import { type Inputs, inputsOf } from './inputs.ts';
import type { Verification } from './verify.ts';

/** How a run ended, in one word. The same words stand in report.json, and each has an exit status. */
export type Verdict = 'reproducible' | 'different' | 'build-failed' | 'timeout' | 'unverified-input' | 'infrastructure';

/** What is known of one of the two builds. */
export type BuildReport = {
  readonly folder: string; // relative to the folder of report.json
  readonly wallSeconds: number;
  readonly steps: readonly StepResult[];
};

/** The verdict on an output, and why its two sides differ; each cause has the trail of the difference that it explains. */
export type ExplainedArtefact = ArtefactVerdict & { readonly causes: readonly Cause[] };

/** The value that the terminal's text and report.json are made of. Its schema is schema/report.schema.json. */
export type Report = {
  readonly schema: 1;
  readonly twinbuild: string;
  readonly verdict: Verdict;
  readonly recipe: {
    readonly name: string;
    readonly digest: Sha256;
    readonly build?: BuildPart; // left out in reports of before there was a choice
    readonly environment?: Readonly<Record<string, string>>; // DEB_BUILD_OPTIONS, DEB_BUILD_PROFILES and what else the recipe sets
  };
  readonly lock: {
    readonly digest: Sha256 | null; // of the lock that was used; null when the run ended before there was one
    readonly resolvedAnew: string | null; // why the committed lock was not used, in a sentence
  };
  readonly image: string | null;
  readonly epoch: number | null; // SOURCE_DATE_EPOCH, seconds
  readonly startedAt: string; // ISO 8601, UTC
  readonly wallSeconds: number;
  readonly varied: readonly Varied[];
  readonly notVaried: readonly NotVaried[];
  readonly builds: { readonly first: BuildReport | null; readonly second: BuildReport | null };
  readonly inputs: Inputs | null; // null when the run ended before there was a lock
  readonly artefacts: readonly ExplainedArtefact[];
  readonly prediction?: Prediction; // what somebody else's gate would say, when that was asked for
  readonly why: Why | null; // which surroundings matter, when that was asked for and found out
  readonly deep?: readonly DeepLook[]; // what diffoscope says of the outputs that differ, when that was asked for
  readonly verify?: Verification; // when something published was rebuilt: the first side is what was published
  readonly failure: Record<string, unknown> | null;
};

const VERDICT_OF: Partial<Record<FailureKind, Verdict>> = {
  'build-failed': 'build-failed',
  timeout: 'timeout',
  'unverified-input': 'unverified-input',
  infrastructure: 'infrastructure',
};

/** The verdict that a failure stands for; undefined for one that says nothing about the package (usage, pre-flight, interrupted …). */
export function verdictOf(failure: Failure): Verdict | undefined {
  return VERDICT_OF[failure.kind];
}

/** What the run knew when it ended; fields fill up from the top. */
export type RunFacts = {
  readonly toolVersion: string;
  readonly recipe: Recipe;
  readonly lock?: Lock;
  readonly lockDigest?: Sha256;
  readonly resolvedAnew?: string;
  readonly image?: string;
  readonly epoch?: number;
  readonly startedAtMs: number; // since 1970-01-01T00:00:00Z
  readonly endedAtMs: number;
  readonly varied?: readonly Varied[];
  readonly notVaried?: readonly NotVaried[];
  readonly prediction?: Prediction;
  readonly first?: Built;
  readonly second?: Built;
};

/** A comparison, and how to find out why the sides of an output differ. */
type Compared = { readonly comparison: Comparison; readonly explain?: (artefact: ArtefactVerdict) => readonly Cause[] };

/** The report of a run that came to a verdict, or of one that failed in a way that is a verdict. */
export function makeReport(facts: RunFacts, end: Compared | { readonly failure: Failure; readonly verdict: Verdict }): Report {
  const compared = 'comparison' in end;
  return {
    schema: 1,
    twinbuild: facts.toolVersion,
    verdict: compared ? end.comparison.verdict : end.verdict,
    recipe: { name: facts.recipe.name, digest: facts.recipe.digest, build: facts.recipe.build, environment: facts.recipe.environment },
    lock: { digest: facts.lockDigest ?? null, resolvedAnew: facts.resolvedAnew ?? null },
    image: facts.image ?? null,
    epoch: facts.epoch ?? null,
    startedAt: new Date(facts.startedAtMs).toISOString(),
    wallSeconds: (facts.endedAtMs - facts.startedAtMs) / 1000,
    varied: facts.varied ?? [],
    notVaried: facts.notVaried ?? [],
    builds: { first: buildReport('first', facts.first), second: buildReport('second', facts.second) },
    inputs: facts.lock ? inputsOf(facts.lock) : null,
    artefacts: compared ? end.comparison.artefacts.map((artefact) => ({ ...artefact, causes: end.explain?.(artefact) ?? [] })) : [],
    ...(facts.prediction ? { prediction: facts.prediction } : {}),
    why: null,
    failure: compared ? null : failureJson(end.failure),
  };
}

function buildReport(folder: string, built: Built | undefined): BuildReport | null {
  return built ? { folder, wallSeconds: built.wallSeconds, steps: built.steps } : null;
}
