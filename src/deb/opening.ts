// biome-ignore lint/style/noRestrictedImports: outputs are files, larger than memory; this is the one place of deb/ that opens them
import { createReadStream } from 'node:fs';
import { type Failure, StreamFailure } from '../base/result.ts';

/** Bytes that can be read more than once, each time from their start. */
export type Opening = () => AsyncIterable<Uint8Array>;

export type Side = 'first' | 'second';

const PIECE_BYTES = 64 * 1024; // larger ones are not faster, and pile up before they are collected

/** A file. Reading it throws a StreamFailure (infrastructure, file-unreadable) for what the disk or the system causes. */
export function fileOpening(path: string): Opening {
  return async function* read() {
    try {
      yield* createReadStream(path, { highWaterMark: PIECE_BYTES });
    } catch (cause) {
      const message = `The output ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new StreamFailure({ kind: 'infrastructure', reason: 'file-unreadable', message, cause });
    }
  };
}

/** Bytes that are in memory. */
export function heldOpening(bytes: Uint8Array): Opening {
  return async function* read() {
    yield bytes;
  };
}

/** The bytes from an offset on. */
export function behind(opening: Opening, offset: number): Opening {
  return async function* read() {
    let left = offset;
    for await (const piece of opening()) {
      if (left < piece.length) yield piece.subarray(left);
      left = Math.max(0, left - piece.length);
    }
  };
}

/** One side's bytes are not what their form says. Never leaves this folder. */
export class Unreadable extends Error {
  readonly side: Side;
  readonly failure: Failure;
  constructor(side: Side, failure: Failure) {
    super(failure.message);
    this.side = side;
    this.failure = failure;
  }
}

/** Waits for something that is read from one side, and marks a failure that the bytes of that side have caused. */
export async function from<T>(side: Side, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw error instanceof StreamFailure && error.failure.kind === 'unverified-input' ? new Unreadable(side, error.failure) : error;
  }
}
