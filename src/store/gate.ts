import { type Failure, StreamFailure } from '../base/result.ts';

/** Waits; rejects with the signal's reason when it is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** The door to one server: so many at a time, nobody while the server asked for a pause, nobody any more when it does not answer. */
export class Gate {
  /** Set when the server is given up for the rest of the run: what it was that happened. */
  down: string | undefined;
  /** Requests that the server answered, with the file or with a plain no. */
  answers = 0;
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #pauses = new Set<Promise<void>>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Waits for a place. The function that it gives must be called to leave. */
  async enter(signal: AbortSignal): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let inside = true;
    const leave = (): void => {
      if (!inside) return;
      inside = false;
      const next = this.#waiting.shift(); // the place goes from hand to hand
      if (next) next();
      else this.#free += 1;
    };
    try {
      while (this.#pauses.size > 0) await Promise.all(this.#pauses);
      throwIfStopped(signal);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Keeps everybody out until the promise is settled. */
  pauseUntil(over: Promise<void>): void {
    const settled = over
      .catch(() => undefined)
      .then(() => {
        this.#pauses.delete(settled);
      });
    this.#pauses.add(settled);
  }
}

/** Throws the failure that an aborted signal stands for, as a StreamFailure. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new StreamFailure(stopFailure(signal));
}

/** The failure that an aborted signal stands for. */
export function stopFailure(signal: AbortSignal): Failure {
  const reason = signal.reason as Partial<Failure> | undefined;
  if (typeof reason?.kind === 'string' && typeof reason.reason === 'string' && typeof reason.message === 'string') return reason as Failure;
  return { kind: 'interrupted', reason: 'interrupted', message: 'the download was stopped' };
}
