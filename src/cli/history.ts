import type { Result } from '../base/result.ts';
import type { Records } from '../queue/records.ts';
import type { Attempt } from '../queue/types.ts';
import { nearest } from '../recipe/suggest.ts';
import { historyText } from '../report/many-terminal.ts';
import { attemptEnd } from './attempt.ts';
import type { ReproEnd } from './deeper.ts';
import { failed } from './outcome.ts';
import { theRecords } from './records.ts';
import type { Outcome } from './run.ts';
import { VERSION } from './version.ts';
import type { World } from './world.ts';

/** So many of the newest are shown to people; --json has all. */
const MOST_SHOWN = 100;
const MOST = 1_000_000;

/** `twinbuild history [NAME]`: every attempt at a package, or at all, the newest first. */
export async function history(world: World, [name]: readonly string[]): Promise<Outcome> {
  const found = withRecords(world, (records) => records.history(name, world.json ? MOST : MOST_SHOWN + 1));
  if (!found.ok) return failed(found.error);
  if (found.value.length === 0) return nothing(world, name);
  const shown = found.value.slice(0, MOST_SHOWN);
  world.say(historyText(shown, world.outPaint, process.stdout.columns ?? 200));
  if (found.value.length > MOST_SHOWN) world.say('older ones: --json\n');
  return { status: 0, json: { history: found.value.map(asJson) } };
}

/** Notes the end of a run over one package. What cannot be noted is said, and changes nothing of the verdict. */
export function remember(
  world: World,
  about: { readonly name: string; readonly target: string; readonly folder: string; readonly startedAtMs: number },
  end: ReproEnd,
): void {
  const ended = attemptEnd(end, (world.nowMs() - about.startedAtMs) / 1000);
  if (ended === undefined) return;
  const noted = withRecords(world, (records) => {
    const attempt = records.begin({ ...about, tool: VERSION });
    return attempt.ok ? records.end(attempt.value, ended) : attempt;
  });
  if (!noted.ok) world.running.tell({ kind: 'warning', text: `the history could not be written: ${noted.error.message}` });
  else if (noted.value === 'flaky')
    world.running.tell({
      kind: 'warning',
      text: `${about.name} is flaky: earlier runs of the same inputs ended otherwise (\`twinbuild history ${about.name}\`)`,
    });
}

function withRecords<T>(world: World, action: (records: Records) => Result<T>): Result<T> {
  const records = theRecords(world);
  if (!records.ok) return records;
  try {
    return action(records.value);
  } finally {
    records.value.close();
  }
}

function nothing(world: World, name: string | undefined): Outcome {
  if (name === undefined) {
    world.say('nothing is remembered yet\n');
    return { status: 0, json: { history: [] } };
  }
  const names = withRecords(world, (records) => records.names());
  const near = names.ok ? nearest(name, names.value) : undefined;
  return failed({
    kind: 'usage',
    reason: 'no-history',
    message: `Nothing is remembered of ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    next: '`twinbuild history` shows what there is.',
  });
}

function asJson({ id: _id, startedAtMs, ...rest }: Attempt): unknown {
  return { startedAt: new Date(startedAtMs).toISOString(), ...rest };
}
