import type { SourceText } from '../base/location.ts';
import { sortedBy } from '../base/order.ts';
import { type Failure, fail, ok, type Result } from '../base/result.ts';
import type { Container, Parts, Recipe } from '../recipe/recipe.ts';
import type { Lock } from './types.ts';

/**
 * Whether a lock belongs to the recipe or the container as it now is.
 *
 * @param source the lock's text, for the place of what differs
 * @returns a usage failure lock-stale with a sentence that says what changed
 */
export function checkLock(lock: Lock, subject: Recipe | Container, source?: SourceText): Result<void> {
  const isRecipe = 'container' in subject;
  const kind = isRecipe ? 'recipe' : 'container';
  const next = `Run \`twinbuild lock ${subject.name}\`, look at what changes, and commit the lock.`;
  const stale = (message: string, part = 'digest'): Failure => {
    const key = JSON.stringify(part);
    const start = Math.max(0, source?.text.indexOf(`${key}: "`) ?? 0);
    return { kind: 'usage', reason: 'lock-stale', message, next, ...(source ? { at: { source, start, end: start + key.length } } : {}) };
  };
  if (lock.for !== kind || lock.name !== subject.name) {
    return fail(stale(`The lock was made for the ${lock.for} ${lock.name}, not for the ${kind} ${subject.name}`));
  }
  const architecture = isRecipe ? subject.container.architecture : subject.architecture;
  if (lock.architecture !== architecture) {
    return fail(stale(`The lock is for ${lock.architecture}, but the container of ${subject.name} is for ${architecture}`));
  }
  if (lock.digest === subject.digest) return ok();
  const changes = changedParts(lock.parts, subject.parts);
  const [first] = changes;
  if (first === undefined) return fail(stale(`The lock of ${subject.name} does not have the digest of its ${kind}`));
  const words = changes.map(({ part, how }) => `\`${part}\` ${how}`);
  return fail(stale(`The lock of ${subject.name} is older than its ${kind}: ${sentence(words)}`, first.part));
}

function changedParts(before: Parts, now: Parts): { readonly part: string; readonly how: string }[] {
  const parts = sortedBy(new Set([...Object.keys(before), ...Object.keys(now)]), (part) => part);
  return parts.flatMap((part) => {
    const [was, is] = [before[part], now[part]];
    if (was === is) return [];
    return [{ part, how: was === undefined ? 'is new' : is === undefined ? 'is gone' : 'changed' }];
  });
}

function sentence(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
