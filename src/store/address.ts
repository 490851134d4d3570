import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Sha256 } from '../base/digest.ts';

/** The folders of a store, and what each holds. */
export const FOLDERS = {
  content: 'sha256', // verified files, by digest
  derived: 'derived', // what can be made again from them
  state: 'state', // small JSON documents
  partial: 'partial', // downloads that have not ended, kept to go on from
  temporary: 'tmp', // files being written
  corrupt: 'corrupt', // entries whose content was not what their name says
} as const;

/** Where the file of that digest is. Two levels, so that no folder grows too long for slow file systems. */
export function contentPath(root: string, digest: Sha256): string {
  return join(root, FOLDERS.content, digest.slice(0, 2), digest);
}

/** A part of a path made from any text: what is not a letter, a digit or one of `.+-_` is written as `~` and hex. Never `.` or `..`. */
export function pathPart(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9.+_-]/gu, (sign) => `~${Buffer.from(sign).toString('hex')}`);
  return safe === '' || safe.startsWith('.') ? `~${safe}` : safe;
}

// PIDs come again, so a process is known by its start as well: on the monotonic clock, which all of its threads see alike.
const STARTED_SECONDS = Number(process.hrtime.bigint()) / 1e9 - process.uptime();
const THREAD = randomBytes(6).toString('hex');
let made = 0;

/** A file name that nobody else uses and that says which process owns it: `prefix@host@pid@start@thread.number`. */
export function ownedName(prefix: string): string {
  made += 1;
  return `${prefix}@${pathPart(hostname())}@${process.pid}@${STARTED_SECONDS.toFixed(1)}@${THREAD}.${made}`;
}

/** What is before the owner in an owned name. */
export function prefixOf(name: string): string {
  return name.split('@', 1)[0] ?? '';
}

/** Whether the process that owns the name may still be running. Says yes when it cannot know: another host, or another PID namespace that has its own host name. */
export function ownerMayLive(name: string): boolean {
  const [, host, pid, started] = name.split('@');
  if (host === undefined || started === undefined || !/^[0-9]{1,10}$/.test(pid ?? '')) return false;
  if (host !== pathPart(hostname())) return true;
  if (Number(pid) === process.pid) return Math.abs(Number(started) - STARTED_SECONDS) < 1;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
