import { EXPLAIN_LIMITS, explain } from '../../src/deb/explain.ts';
import { heldOpening } from '../../src/deb/opening.ts';
import { ARCHIVE_LIMITS } from '../../src/format/limits.ts';

export const LIMITS = { ...EXPLAIN_LIMITS, archive: ARCHIVE_LIMITS };

/** Each difference as one line: where, and what in few words. */
export async function told(name: string, first: Uint8Array, second: Uint8Array, limits = {}): Promise<string[]> {
  const { differences } = await explain(name, heldOpening(first), heldOpening(second), { ...LIMITS, ...limits });
  return differences.map(({ trail, what }) => {
    const way = trail.slice(1).join(' > ');
    switch (what.kind) {
      case 'attribute':
        return `${way}: ${what.attribute} ${what.first} | ${what.second}`;
      case 'field':
        return `${way}: ${what.field}: ${what.first} | ${what.second}`;
      case 'text':
        return `${way}: ${what.hunks.flatMap(({ lines }) => lines.filter((line) => !line.startsWith(' '))).join(' | ')}`;
      case 'content':
      case 'encoding':
        return `${way}: ${what.kind} ${what.offset}`;
      case 'unreadable':
        return `${way}: unreadable ${what.side}: ${what.why}`;
      default:
        return `${way}: ${what.kind}`;
    }
  });
}
