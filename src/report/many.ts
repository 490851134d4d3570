import type { DifferentOutput, ItemState, Status } from '../queue/types.ts';

/** One try at a package. */
export type TryReport = {
  readonly startedAt: string; // ISO 8601, UTC
  readonly status: Status;
  readonly reason: string | null;
  readonly wallSeconds: number;
};

/** What is known of one package of a list. */
export type PackageReport = {
  readonly name: string;
  readonly target: string; // as the list has it
  readonly kind: string | null; // the list's own word for it
  readonly version: string | null;
  readonly state: 'waiting' | 'running' | 'finished';
  readonly status: Status | null; // null until it is finished
  readonly wallSeconds: number | null; // of the last try
  readonly reason: string | null; // of the failure, for programs
  readonly message: string | null; // of the failure, for people
  readonly next: string | null;
  readonly different: readonly DifferentOutput[];
  readonly causes: readonly string[]; // of all outputs, each once
  readonly inputs: string | null;
  readonly outputs: string | null;
  readonly lock: string | null;
  readonly report: string | null; // relative path of its page
  readonly tries: readonly TryReport[];
};

/** A whole list, as index.json has it. Its schema is schema/many.schema.json. */
export type ManyReport = {
  readonly schema: 1;
  readonly twinbuild: string;
  readonly list: string; // how people call it: a path, `-`, or `container NAME`
  readonly name: string;
  readonly startedAt: string; // of the last run over it
  readonly writtenAt: string;
  readonly complete: boolean; // every package is finished
  readonly wallSeconds: number; // of the last run over it
  readonly stopped: { readonly reason: string; readonly message: string; readonly next: string | null } | null; // why it stopped before its end
  readonly counts: Readonly<Partial<Record<Status | 'waiting' | 'running', number>>>;
  readonly results: readonly PackageReport[]; // in the order of the list
};

export type ManyFacts = Pick<ManyReport, 'twinbuild' | 'list' | 'name' | 'stopped'> & {
  readonly startedAtMs: number; // since 1970-01-01T00:00:00Z
  readonly nowMs: number;
  readonly hasReport: (name: string) => boolean;
};

/** The statuses in the order in which they are counted and shown. */
export const STATUS_WORDS: Readonly<Record<Status | 'waiting' | 'running', string>> = {
  reproducible: 'reproducible',
  different: 'different',
  flaky: 'flaky',
  'build-failed': 'build failed',
  timeout: 'timeout',
  'unverified-input': 'unverified input',
  'not-granted': 'not granted',
  invalid: 'invalid',
  'source-missing': 'source missing',
  infrastructure: 'infrastructure',
  running: 'running',
  waiting: 'waiting',
};

export function makeManyReport(facts: ManyFacts, items: readonly ItemState[]): ManyReport {
  const results = items.map((item) => packageReport(item, facts.hasReport(item.name)));
  const counts: Partial<Record<Status | 'waiting' | 'running', number>> = {};
  for (const word of Object.keys(STATUS_WORDS) as (keyof typeof STATUS_WORDS)[]) {
    const count = results.filter((result) => standing(result) === word).length;
    if (count > 0) counts[word] = count;
  }
  return {
    schema: 1,
    twinbuild: facts.twinbuild,
    list: facts.list,
    name: facts.name,
    startedAt: new Date(facts.startedAtMs).toISOString(),
    writtenAt: new Date(facts.nowMs).toISOString(),
    complete: results.every(({ state }) => state === 'finished'),
    wallSeconds: (facts.nowMs - facts.startedAtMs) / 1000,
    stopped: facts.stopped,
    counts,
    results,
  };
}

/** Its status, or where it stands until it has one. */
export function standing({ state, status }: PackageReport): Status | 'waiting' | 'running' {
  return status ?? (state === 'running' ? 'running' : 'waiting');
}

function packageReport({ name, target, kind, state, status, attempts }: ItemState, hasReport: boolean): PackageReport {
  const last = state === 'finished' ? attempts.at(-1) : undefined;
  const different = last?.different ?? [];
  return {
    name,
    target,
    kind,
    version: last?.version ?? null,
    state,
    status,
    wallSeconds: last?.wallSeconds ?? null,
    reason: last?.reason ?? null,
    message: last?.message ?? null,
    next: last?.next ?? null,
    different,
    causes: [...new Set(different.flatMap(({ causes }) => causes))],
    inputs: last?.inputs ?? null,
    outputs: last?.outputs ?? null,
    lock: last?.lock ?? null,
    report: last !== undefined && hasReport ? `${name}/report.html` : null,
    tries: attempts.map(({ startedAtMs, status: ended, reason, wallSeconds }) => ({
      startedAt: new Date(startedAtMs).toISOString(),
      status: ended,
      reason,
      wallSeconds,
    })),
  };
}

/** Why a package has no good verdict, in one line that is not escaped; '' for a reproducible one. */
export function reasonText({ status, different, causes, message, tries }: PackageReport): string {
  switch (status) {
    case null:
    case 'reproducible':
      return '';
    case 'flaky': {
      const verdicts = tries.filter((one) => one.status === 'reproducible' || one.status === 'different').map((one) => one.status);
      return verdicts.length > 0 && new Set(verdicts).size === 1
        ? `every time both builds were ${verdicts[0] === 'different' ? 'different' : 'alike, but not like those of another time'}`
        : 'not the same verdict every time, for the same inputs';
    }
    case 'different': {
      // A .buildinfo comes before most packages by name, and says no more than that they differ.
      const telling = different.find(({ name }) => !name.endsWith('.buildinfo')) ?? different[0];
      const why = causes.length > 0 ? causes.join(', ') : (telling?.places[0] ?? '');
      return `${different.length} ${different.length === 1 ? 'output' : 'outputs'}${why === '' ? '' : `: ${why}`}`;
    }
    case 'build-failed':
    case 'timeout':
    case 'unverified-input':
    case 'not-granted':
    case 'invalid':
    case 'source-missing':
    case 'infrastructure':
      return message ?? '';
    default:
      return status satisfies never;
  }
}

/** `35 reproducible, 3 different`. */
export function countsText({ counts }: ManyReport): string {
  return Object.entries(counts)
    .map(([word, count]) => `${count} ${STATUS_WORDS[word as Status]}`)
    .join(', ');
}
