import type { Cause } from '../../src/cause/types.ts';
import type { Leak } from './leak.ts';

/** What was rightly said, what not, and what was wrongly said about one leak. */
export type Score = { readonly right: number; readonly missed: readonly string[]; readonly wrong: readonly string[] };

/** The causes that were claimed for the file of a leak. */
export function causesOfFile(causes: readonly Cause[], name: string, { file }: Leak): readonly Cause[] {
  const path = `./usr/share/${name}/${file}`;
  const whole = /[-.]$/.test(file) ? (part: string) => part.startsWith(path) : (part: string) => part === path;
  return causes.filter(({ trail }) => trail.some(whole));
}

/** Whether a cause says of a leak what it has to: the name, the surrounding, the place and what to do. */
export function isExpected({ name, surrounding, trail, remedy }: Cause, leak: Leak): boolean {
  const leaf = leak.leaf ?? new RegExp(`/${RegExp.escape(leak.file)}`);
  return name === leak.cause && surrounding === leak.surrounding && leaf.test(trail.at(-1) ?? '') && (leak.remedy?.test(remedy) ?? true);
}

/** Sets claimed causes against those that are right. */
export function judged({ cause, also = [] }: Leak, causes: readonly Cause[]): Score {
  const claimed = [...new Set(causes.map(({ name }) => name))].filter((name) => name !== 'consequence');
  const rightly = claimed.filter((name) => name === cause || also.includes(name));
  // What may be called by either of two names is not missed when the other one was said.
  const missed = cause === null || rightly.length > 0 ? [] : [cause];
  return { right: rightly.length, missed, wrong: claimed.filter((name) => !rightly.includes(name)) };
}

/** `precision 1.00 (70 of 70 claims), recall 1.00 (68 of 68 leaks)`. */
export function scoreText(scores: readonly Score[]): string {
  const right = scores.reduce((sum, score) => sum + score.right, 0);
  const wrong = scores.reduce((sum, score) => sum + score.wrong.length, 0);
  const missed = scores.reduce((sum, score) => sum + score.missed.length, 0);
  const found = scores.filter((score) => score.right > 0).length;
  const precision = (right / Math.max(1, right + wrong)).toFixed(2);
  const recall = (found / Math.max(1, found + missed)).toFixed(2);
  return `precision ${precision} (${right} of ${right + wrong} claims), recall ${recall} (${found} of ${found + missed} leaks)`;
}
