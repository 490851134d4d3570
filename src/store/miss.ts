import { escapeControl } from '../base/escape.ts';
import type { Failure } from '../base/result.ts';
import type { Answer } from './transport.ts';

/** A file that nobody gave us: where it was looked for, and what became of it there. */
export type Miss = {
  readonly label: string;
  readonly places: { readonly url: string; readonly fallback: boolean; readonly outcome: Answer }[];
};

/** An address for people: without the password that may stand in it. */
export function placeText(address: string): string {
  const url = new URL(address);
  return escapeControl(`${url.protocol}//${url.host}${url.pathname}${url.search}`);
}

/** One failure for all files that are missing. The worst one names it; the details have all. */
export function missFailure(misses: readonly Miss[]): Failure {
  const reasons = misses.map(reasonOf);
  const details = misses.flatMap(({ label, places }) => [
    escapeControl(label),
    ...(places.length === 0
      ? ['  looked for nowhere: no place is known']
      : places.map(({ url, outcome }) => `  ${url}: ${outcome.kind === 'done' ? '' : outcome.text}`)),
  ]);
  const what = misses.length === 1 ? escapeControl(misses[0]?.label ?? '') : `${misses.length} files`;
  if (reasons.includes('digest-mismatch')) {
    return {
      kind: 'unverified-input',
      reason: 'digest-mismatch',
      message: `${what}: what the servers have is not what was locked or signed`,
      next: 'Nothing of it was used. A mirror that is being updated is right again after a while; otherwise name another one with TWINBUILD_MIRROR.',
      details,
    };
  }
  if (reasons.every((reason) => reason === 'file-gone')) {
    return {
      kind: 'infrastructure',
      reason: 'file-gone',
      message: `${what}: no longer where ${misses.length === 1 ? 'it was' : 'they were'}`,
      next: 'Name a mirror that still has it with TWINBUILD_MIRROR, try again where snapshot.debian.org can be reached, or resolve the lock anew with `twinbuild lock` (`--relock-if-gone` does it for this run only).',
      details,
    };
  }
  return {
    kind: 'infrastructure',
    reason: 'unreachable',
    message: `${what}: could not be fetched`,
    next: 'Look at the network and at the proxy settings, or name another mirror with TWINBUILD_MIRROR; what was fetched so far is kept.',
    details,
  };
}

/** The failure for files that are not in the store when nothing may be fetched. */
export function offlineFailure(labels: readonly string[]): Failure {
  return {
    kind: 'infrastructure',
    reason: 'offline-missing',
    message: `${labels.length === 1 ? escapeControl(labels[0] ?? '') : `${labels.length} files`}: not in the store, and --offline forbids to fetch`,
    next: 'Run `twinbuild fetch` once with a network, then it works offline.',
    details: labels.map(escapeControl),
  };
}

/** A file is gone when no ordinary place may still have it: the last resort decides only where it is the only place. */
function reasonOf(miss: Miss): 'digest-mismatch' | 'file-gone' | 'unreachable' {
  if (miss.places.some(({ outcome }) => outcome.kind === 'other-file')) return 'digest-mismatch';
  const ordinary = miss.places.filter(({ fallback }) => !fallback);
  const deciding = ordinary.length > 0 ? ordinary : miss.places;
  return deciding.length > 0 && deciding.every(({ outcome }) => outcome.kind === 'gone') ? 'file-gone' : 'unreachable';
}
