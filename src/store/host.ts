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
export async function getFrom(session: Session, address: string, wish: Wish, target: Target): Promise<Answer> {
  const gate = gateOf(session, address);
  const answersBefore = gate.answers;
  let failures = 0;
  const start = target.have;
  let most = start; // bytes that were there at any time: only more than that is progress
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
    if (answer.kind !== 'unavailable') return answer;
    target.pieced ||= target.have > 0;
    failures = target.have > most ? 1 : failures + 1;
    most = Math.max(most, target.have);
    if (failures > session.retries) {
      // Nobody got anything while we tried: the others need not wait as long as we did.
      if (gate.answers === answersBefore && most === start) gate.down = answer.text;
      return answer;
    }
    // Where the server said how long to wait, the gate keeps us out.
    if (answer.waitMs === undefined) await pausing(session, backoffMs(failures, session.random()));
  }
  return { kind: 'refused', text: `given up after ${MOST_TRIES} tries` };
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
    if (answer.kind === 'unavailable' && answer.waitMs !== undefined) {
      // It means all of us, so the door is shut before the next one can slip in.
      gate.pauseUntil(pausing(session, Math.max(answer.waitMs, backoffMs(1, session.random()))));
    }
  } finally {
    leave();
  }
  throwIfStopped(session.signal);
  if (answer.kind !== 'unavailable') gate.answers += 1;
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
