import type { SourceText } from '../base/location.ts';
import { newestEntry } from '../control/changelog.ts';
import { type Finding, linesOf, stretch } from './finding.ts';

const DAY_SECONDS = 86_400; // time zones, and clocks that are somewhat wrong

/** Looks at a debian/changelog: its newest date becomes SOURCE_DATE_EPOCH, and files from the future are clamped to the present by nobody. */
export function lintChangelog(file: SourceText, nowSeconds: number): readonly Finding[] {
  const entry = newestEntry(file);
  if (!entry.ok) {
    const { at, reason, message } = entry.error;
    return [{ rule: reason, ...(at ? { at } : {}), message, remedy: 'Write it as deb-changelog(5) says; `dch` does.' }];
  }
  if (entry.value.epochSeconds <= nowSeconds + DAY_SECONDS) return [];
  const trailer = [...linesOf(file)].find(({ text }) => text.startsWith(' -- '));
  return [
    {
      rule: 'changelog-future',
      ...(trailer ? { at: stretch(file, trailer.start, trailer.text.length) } : {}),
      message: `The newest entry, ${entry.value.version}, is dated in the future.`,
      remedy:
        'Date it today (`dch -r`): tools that clamp dates to SOURCE_DATE_EPOCH leave the present time in files that are older than it.',
    },
  ];
}
