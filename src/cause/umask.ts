import { isVaried } from './detector.ts';
import type { CauseContext } from './types.ts';

/** Whether two modes differ as the umasks of the two builds make them: each takes away what the other leaves, and all other bits agree. */
export function umaskExplains(one: number, two: number, context: CauseContext): boolean {
  if (context.first === undefined || context.second === undefined || !isVaried(context, 'umask')) return false;
  const [u, v] = [Number.parseInt(context.first.umask, 8), Number.parseInt(context.second.umask, 8)];
  return one !== two && ((one ^ two) & ~(u ^ v)) === 0 && (one & u & ~v) === 0 && (two & v & ~u) === 0;
}
