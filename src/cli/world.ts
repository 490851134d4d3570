import { randomBytes } from 'node:crypto';
import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import pico from 'picocolors';
import type { Failure, Result } from '../base/result.ts';
import type { Running } from '../base/running.ts';
import { LABEL, OWNER } from '../docker/engine.ts';
import { type Paint, PLAIN } from '../report/paint.ts';
import type { Lease, Leases } from '../store/leases.ts';
import { lazyLease, lazyLeases } from './leases.ts';
import { ProgressWriter } from './progress.ts';

/** The options that every verb takes. */
export type CommonOptions = {
  readonly json?: boolean;
  readonly directory?: string;
  readonly offline?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: boolean;
};

/**
 * Lines that make GitHub's runner take what follows for plain text, and for commands again. The word that does the latter is random: what a
 * build or a failure prints can not know it.
 */
export type Workflow = { readonly stop: string; readonly resume: string };

/** Everything that comes from outside a command's arguments: clock, environment, random, streams. Made here and nowhere else. */
export type World = {
  readonly root: string; // absolute: the folder that holds recipes/, containers/ and out/
  readonly home: string; // absolute: store and state
  readonly outputs?: string; // absolute: the folder of the results; left out: out/NAME below the root
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly offline: boolean;
  readonly json: boolean;
  readonly nowMs: () => number; // since 1970-01-01T00:00:00Z
  readonly random: () => number; // from 0 to below 1
  readonly running: Running;
  readonly paint: Paint; // for standard error
  readonly outPaint: Paint; // for standard output
  readonly runId: string;
  readonly workflow: Workflow | undefined; // in a job of GitHub Actions only
  readonly leases: () => Result<Leases>; // of this process; opened when they are first asked for
  readonly lease: Lease; // what this command needs of the store and of the engine's images
  /** A line or more for the person who reads standard output; with --json it goes to standard error. */
  readonly say: (text: string) => void;
  /** Lines for standard error. */
  readonly warn: (text: string) => void;
  /** Lets go of everything at the end. */
  readonly close: () => void;
};

/** The world as the process sees it. */
export async function makeWorld(options: CommonOptions, signal: AbortSignal): Promise<World> {
  const environment = process.env;
  const quiet = options.quiet ?? false;
  const interactive = Boolean(process.stderr.isTTY) && !environment['CI'] && environment['TERM'] !== 'dumb';
  const paint = paintFor(options, environment, Boolean(process.stderr.isTTY));
  const writer = new ProgressWriter({
    stream: process.stderr,
    live: interactive && !quiet ? (await import('log-update')).createLogUpdate : undefined,
    paint,
    detail: quiet ? 'quiet' : options.verbose ? 'all' : 'normal',
    nowMs: Date.now,
  });
  const runId = randomBytes(8).toString('hex');
  const home = homeFolder(environment);
  const leases = lazyLeases(home);
  const json = options.json ?? false;
  return {
    root: resolve(options.directory ?? '.'),
    home,
    environment,
    offline: options.offline ?? false,
    json,
    nowMs: Date.now,
    random: Math.random,
    running: {
      signal,
      tell: writer.tell,
      labels: {
        [LABEL.owner]: OWNER,
        [LABEL.run]: runId,
        [LABEL.process]: `${hostname()}/${process.pid}/${Math.round(Date.now() / 1000 - process.uptime())}`,
      },
    },
    paint,
    outPaint: paintFor(options, environment, Boolean(process.stdout.isTTY)),
    runId,
    workflow: environment['GITHUB_ACTIONS'] === 'true' ? workflowOf(randomBytes(16).toString('hex')) : undefined,
    leases: leases.get,
    lease: lazyLease(leases.get),
    close: leases.close,
    say: (text) => {
      writer.pause();
      (json ? process.stderr : process.stdout).write(text);
    },
    warn: (text) => {
      writer.pause();
      process.stderr.write(text);
    },
  };
}

/** Colour as NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM=dumb and --no-color ask for it. */
function paintFor(options: CommonOptions, environment: Readonly<Record<string, string | undefined>>, terminal: boolean): Paint {
  if (options.color === false || environment['NO_COLOR']) return PLAIN;
  const forced = [environment['FORCE_COLOR'], environment['CLICOLOR_FORCE']].some(
    (value) => value !== undefined && value !== '0' && value !== '',
  );
  return forced || (terminal && environment['TERM'] !== 'dumb') ? pico.createColors(true) : PLAIN;
}

function workflowOf(word: string): Workflow {
  return { stop: `::stop-commands::${word}\n`, resume: `::${word}::\n` };
}

function homeFolder(environment: Readonly<Record<string, string | undefined>>): string {
  if (environment['TWINBUILD_HOME']) return resolve(environment['TWINBUILD_HOME']);
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'twinbuild');
}

/** The failure that an aborted signal stands for, when it is aborted. */
export function stopped(signal: AbortSignal): Result<void> {
  return signal.aborted ? { ok: false, error: signal.reason as Failure } : { ok: true, value: undefined };
}
