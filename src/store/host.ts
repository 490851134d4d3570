import { StreamFailure } from '../base/result.ts';
import { Gate, type Sleep, stopFailure, throwIfStopped } from './gate.ts';
import { backoffMs } from './retry.ts';
import { type Answer, ask, type Sink, type Transport, type Wish } from './transport.ts';

/** What one run of downloads shares. */
export type Session = {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  readonly sleep: Sleep;
  readonly random: () => number; // from 0 to below 1
  readonly connectionsPerHost: number;
  readonly retries: number; // without a byte of progress between them
  readonly gates: Map<string, Gate>; // by origin
};

/** How the attempt to get a file from one address ended. */
export type Outcome = Exclude<Answer, { kind: 'busy' }>;

/** Where bytes go, and the check of the whole. */
export interface Target extends Sink {
  pieced: boolean;
  finish(): Promise<boolean>; // false: not the right bytes, and they are forgotten
}

const MOST_TRIES = 1000; // of a server that drops every connection after a few bytes

/**
 * Gets a file from one address: tries again after a pause while that can help, goes on where the last try ended.
 *
 * @throws StreamFailure when the signal is aborted, or of the target
 */
export async function getFrom(session: Session, address: string, wish: Wish, target: Target): Promise<Outcome> {
  const gate = gateOf(session, address);
  const answersBefore = gate.answers;
  let failures = 0;
  let most = target.have; // bytes that were there at any time: only more than that is progress
  let startedAgain = false;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const had = target.have;
    const answer = await askAndCheck(session, gate, { address, wish, target });
    if (answer.kind === 'other-file') {
      const pieced = had > 0 || target.pieced;
      await target.restart();
      if (!pieced || startedAgain) return answer;
      startedAgain = true; // the part that was there may have been of another file
      continue;
    }
    if (answer.kind !== 'busy' && answer.kind !== 'broken') return answer;
    target.pieced ||= target.have > 0;
    failures = target.have > most ? 1 : failures + 1;
    most = Math.max(most, target.have);
    if (failures > session.retries) {
      // Nobody got anything while we tried: the others need not wait as long as we did.
      if (gate.answers === answersBefore && target.have === 0) gate.down = answer.text;
      return { kind: 'broken', text: answer.text, reached: answer.kind === 'busy' || answer.reached };
    }
    await pauseAfter(session, gate, answer, failures);
  }
  return { kind: 'broken', text: `given up after ${MOST_TRIES} tries`, reached: true };
}

async function pauseAfter(session: Session, gate: Gate, answer: Answer, failures: number): Promise<void> {
  const asked = answer.kind === 'busy' ? answer.waitMs : undefined;
  const pause = pausing(session, Math.max(asked ?? 0, backoffMs(failures, session.random())));
  if (asked !== undefined) gate.pauseUntil(pause); // the server means all of us
  await pause;
}

/** One request, through the gate; what came in whole is checked. */
async function askAndCheck(
  session: Session,
  gate: Gate,
  { address, wish, target }: { readonly address: string; readonly wish: Wish; readonly target: Target },
): Promise<Answer> {
  const leave = await gate.enter(session.signal);
  let answer: Answer;
  try {
    if (gate.down !== undefined) return { kind: 'refused', text: gate.down };
    answer = await ask(session.transport, address, wish, target, session.signal);
  } finally {
    leave();
  }
  throwIfStopped(session.signal);
  if (answer.kind !== 'busy' && answer.kind !== 'broken') gate.answers += 1;
  if (answer.kind === 'done' && !(await target.finish())) return { kind: 'other-file', text: 'its sha256 is another one' };
  return answer;
}

async function pausing(session: Session, ms: number): Promise<void> {
  try {
    await session.sleep(ms, session.signal);
  } catch (error) {
    if (session.signal.aborted) throw new StreamFailure(stopFailure(session.signal));
    throw error;
  }
}

function gateOf(session: Session, address: string): Gate {
  const { origin } = new URL(address);
  const gate = session.gates.get(origin) ?? new Gate(session.connectionsPerHost);
  session.gates.set(origin, gate);
  return gate;
}
