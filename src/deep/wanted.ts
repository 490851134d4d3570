import { sortedBy } from '../base/order.ts';
import type { ArtefactVerdict, Difference } from '../deb/types.ts';

/** Names of files by the member of the package that they are in: `data.tar.xz` → `./usr/bin/hello`. */
export type Wanted = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The files of a binary package whose contents differ: what diffoscope has to look into, and nothing else. What differs in attributes alone, in order, or stands
 * on one side only is told already.
 *
 * @param follows whether a difference is a mere consequence of others, such as a checksum
 * @returns undefined when the whole artefact has to be given: it is no package, its own form differs, or nothing in it has a content that differs
 */
export function wantedFiles(artefact: ArtefactVerdict, follows: (difference: Difference) => boolean): Wanted | undefined {
  const { differences } = artefact;
  if (!/\.(?:u|d)?deb$/.test(artefact.name) || differences.some(isOfThePackage)) return undefined;
  const own = differences.filter((difference) => !follows(difference) && isInside(difference));
  if (own.length === 0) return undefined;
  const wanted = new Map<string, Set<string>>();
  for (const { trail } of own) {
    const [, part = '', file = ''] = trail;
    const files = wanted.get(part) ?? new Set();
    files.add(file);
    wanted.set(part, files);
  }
  return new Map(sortedBy(wanted, ([part]) => part));
}

const PART = /^(?:data|control)\.tar(?:\.[a-z0-9]+)?$/;

/** The package as such differs: it cannot be read, or has another member. */
function isOfThePackage({ trail, what }: Difference): boolean {
  const [, part, file] = trail;
  if (part === undefined || (file === undefined && what.kind === 'only-in')) return true;
  return file === undefined && what.kind === 'unreadable';
}

function isInside({ trail, what }: Difference): boolean {
  const [, part = '', file] = trail;
  if (file === undefined || !PART.test(part)) return false;
  return trail.length > 3 || !(what.kind === 'attribute' || what.kind === 'only-in');
}
