import { fail, ok, type Result } from '../base/result.ts';
import { otherFailure } from './trouble.ts';

/** What of a commit matters to a source. */
export type Commit = {
  readonly tree: string; // id
  readonly seconds: number; // when it was committed, since 1970-01-01T00:00:00Z
};

const MOST_SECONDS = 253_402_300_799; // the end of the year 9999

/** Reads a commit object: `tree ID`, then other headers, of which `committer NAME <MAIL> SECONDS ZONE` counts; the message is not looked at. */
export function parseCommit(bytes: Uint8Array, url: string, id: string): Result<Commit> {
  const [headers = ''] = Buffer.from(bytes).toString('latin1').split('\n\n', 1);
  const tree = /^tree ([0-9a-f]{40}(?:[0-9a-f]{24})?)$/m.exec(headers)?.[1];
  const seconds = Number(/^committer .*> ([0-9]{1,12}) [+-][0-9]{4}$/m.exec(headers)?.[1]);
  if (tree === undefined || !headers.startsWith('tree ')) return fail(otherFailure(url, id, 'it has no tree'));
  if (Number.isNaN(seconds) || seconds > MOST_SECONDS) return fail(otherFailure(url, id, 'it has no date'));
  return ok({ tree, seconds });
}
