import type { Sha256 } from '../base/digest.ts';
import type { ImageId } from '../docker/engine.ts';

/** Names of what the second build changes, in the order in which they are shown. */
export const SURROUNDING_NAMES = [
  'hostname',
  'domain',
  'timezone',
  'locale',
  'umask',
  'user',
  'home',
  'path',
  'environment',
  'cpus',
  'shell',
  'directory-order',
  'kernel',
  'clock',
  'build-path',
  'checks',
] as const;
export type SurroundingName = (typeof SURROUNDING_NAMES)[number];

/** The world around a build, as data. */
export type Surroundings = {
  readonly hostname: string;
  readonly domain: string;
  readonly timezone: string; // value of TZ
  readonly locale: string; // value of LANG and LC_ALL
  readonly language: string | undefined; // value of LANGUAGE
  readonly umask: string; // octal, such as 022
  readonly user: { readonly name: string; readonly uid: number; readonly gid: number };
  readonly home: string;
  readonly path: string; // value of PATH
  readonly environment: Readonly<Record<string, string>>; // extra variables
  readonly cpus: number; // what `parallel=` says
  readonly cpuset: string; // '' for all
  readonly shell: 'dash' | 'bash'; // as /bin/sh
  readonly volume: 'disk' | 'tmpfs' | 'shuffled'; // where directories get another order; shuffled: on disk, entries made in another order
  readonly tmpfsBytes?: number; // size of the volume when it is a tmpfs
  readonly personality: 'native' | 'uname26';
  readonly clockOffsetSeconds: number; // 0: the real clock
  readonly buildPath: string; // absolute, the source tree
  readonly buildOptions?: readonly string[]; // further words of DEB_BUILD_OPTIONS, such as nocheck
};

/** One variation that was applied, as shown in the report. */
export type Varied = { readonly name: SurroundingName; readonly first: string; readonly second: string };
/** One that was not, and why. */
export type NotVaried = { readonly name: SurroundingName; readonly why: 'skipped' | 'on request' | string };

export type PlannedStep = {
  readonly name: string;
  readonly script: string; // for /bin/sh -e
  readonly timeoutSeconds: number;
  readonly user: 'builder' | 'root';
  readonly workingDirectory: string;
  readonly withNext?: boolean; // in one container with the step after it, which runs as the same user; left out: in one of its own
};

export type PlannedInput = { readonly name: string; readonly sha256: Sha256; readonly size: number }; // a file in /build/inputs; folders come as their canonical tar

/** A build as plain data: it can be printed, hashed, attested, or run elsewhere. Nothing in it points to a place on this machine. */
export type BuildPlan = {
  readonly schema: 1;
  readonly recipe: string;
  readonly recipeDigest: Sha256;
  readonly lockDigest: Sha256;
  readonly image: ImageId;
  readonly epoch: number;
  readonly inputs: readonly PlannedInput[];
  readonly steps: readonly PlannedStep[];
  readonly environment: Readonly<Record<string, string>>; // all of it, as every step sees it
  readonly surroundings: Surroundings;
  readonly outputs: readonly string[]; // globs below outputRoot
  readonly outputRoot: string; // absolute, in the container
  readonly mount?: string; // absolute: where the volume is mounted besides /build, for a source tree that has to lie elsewhere
  readonly limits: { readonly memoryBytes: number; readonly diskBytes: number; readonly timeSeconds: number; readonly pids: number };
  readonly capabilities: readonly string[]; // granted
  readonly devices: readonly string[]; // granted
};

export type StepResult = {
  readonly name: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number;
  readonly startedSeconds: number; // since the start of the build
};

export type OutputFile = { readonly name: string; readonly path: string; readonly size: number; readonly sha256: Sha256 }; // path: absolute on the host

export type Built = {
  readonly folder: string; // out/NAME/first or second, absolute
  readonly outputs: readonly OutputFile[]; // by name in byte order
  readonly steps: readonly StepResult[];
  readonly wallSeconds: number;
};
