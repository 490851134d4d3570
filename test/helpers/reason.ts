import { StreamFailure } from '../../src/base/result.ts';

/** The reason of what a reading throws; anything but a StreamFailure is a bug and fails the test. */
export async function reasonOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading;
    return 'none';
  } catch (error) {
    if (error instanceof StreamFailure) return error.failure.reason;
    throw error;
  }
}
