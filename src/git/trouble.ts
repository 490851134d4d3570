import { escapeControl } from '../base/escape.ts';
import type { Failure } from '../base/result.ts';

/** What a server says in place of what it was asked for. */
export class ServerError extends Error {}

/** A repository for people. */
export function shownUrl(url: string): string {
  return escapeControl(url);
}

/** The server does not speak git's protocol as it is written down. */
export function protocolFailure(why: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'git-protocol',
    message: `The server does not speak git's protocol: ${escapeControl(why)}`,
    next: 'Look whether the address is that of a git repository, and whether something between it and this machine changes its answers.',
  };
}

/** The server did not answer, or broke off each time. */
export function silentFailure(url: string, silence: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'git-unreachable',
    message: `${shownUrl(url)} could not be read: ${escapeControl(silence)}`,
    next: 'Look at the network and at the proxy settings, or name another address of the same repository in the recipe.',
  };
}

/** What an HTTP status means where a repository should be; undefined for 200. */
export function statusFailure(url: string, status: number): Failure | undefined {
  const shown = shownUrl(url);
  if (status === 200) return undefined;
  if (status === 401 || status === 403 || status === 407) {
    return {
      kind: 'infrastructure',
      reason: 'git-auth',
      message: `${shown} wants a login (HTTP ${status})`,
      next: 'Sources are fetched without one, so that whoever has the lock can fetch them too: name an address that everybody can read. Some servers answer so for a repository that does not exist.',
    };
  }
  if (status === 404 || status === 410) {
    return { kind: 'infrastructure', reason: 'git-no-repository', message: `There is no git repository at ${shown} (HTTP ${status})` };
  }
  return { kind: 'infrastructure', reason: 'git-unreachable', message: `${shown} could not be read: HTTP ${status}` };
}

/** A server of plain files, or of something else. */
export function dumbFailure(url: string, type: string): Failure {
  return {
    kind: 'infrastructure',
    reason: 'git-dumb',
    message: `${shownUrl(url)} is no git server that can send a single commit: it answered with ${type === '' ? 'a file' : escapeControl(type)}`,
    next: "Name an address that is served by git's own http-backend, or by a service such as GitLab, Gitea or GitHub.",
  };
}

/** The server refused what was asked for, with its own words. */
export function refusedFailure(url: string, commit: string, words: string): Failure {
  const gone = /not our ref|unadvertised|not found|bad object|no such/i.test(words);
  return {
    kind: 'infrastructure',
    reason: gone ? 'git-commit-refused' : 'git-server',
    message: gone
      ? `${shownUrl(url)} does not give the commit ${commit}`
      : `${shownUrl(url)} broke off: ${escapeControl(words) || 'it gave no reason'}`,
    ...(gone
      ? {
          next: 'Either the repository does not have it (any more), or the server gives only what a branch or tag points to: name another address of the repository.',
        }
      : {}),
    details: [escapeControl(words)],
  };
}

/** More than is taken from a server that nobody vouches for. */
export function limitFailure(url: string, what: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'git-limit',
    message: `What ${shownUrl(url)} sends is too large: ${what}`,
    next: 'That is far more than a kernel has. Look at the repository before you believe it.',
  };
}

/** What came is not the commit that was asked for. */
export function otherFailure(url: string, commit: string, why: string): Failure {
  return {
    kind: 'unverified-input',
    reason: 'git-other-object',
    message: `What ${shownUrl(url)} sent is not the commit ${commit}: ${escapeControl(why)}`,
    next: 'Nothing of it was used.',
  };
}

/**
 * The id that was asked for is that of a tag.
 *
 * @param said what git says that it stands for; nobody has verified that, so it is not used
 */
export function tagFailure(url: string, id: string, said: readonly string[]): Failure {
  const commit = said.find((line) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(line));
  return {
    kind: 'usage',
    reason: 'git-ref-tag',
    message: `In ${shownUrl(url)} ${id} is an annotated tag and no commit${commit === undefined ? '' : `: it stands for ${commit}`}`,
    next: `Name the tag${commit === undefined ? '' : ', or that commit'}: an id is taken for nothing but a commit.`,
  };
}
