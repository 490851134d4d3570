import type { SourceText } from '../base/location.ts';
import { compareVersions } from '../control/version.ts';
import type { Lock } from '../lock/types.ts';
import { type Finding, stretch } from './finding.ts';

const DAY_SECONDS = 86_400;

/** Looks at a lock whose dates and versions should fit each other, the tool and the present. */
export function lintLock(
  lock: Lock,
  file: SourceText,
  { nowSeconds, toolVersion }: { readonly nowSeconds: number; readonly toolVersion: string },
): readonly Finding[] {
  const relock = `Run \`twinbuild lock ${lock.name}\`, look at what changes, and commit the lock.`;
  const findings: Finding[] = [];
  const say = (rule: string, key: string, message: string, remedy: string): void => {
    const start = Math.max(0, file.text.indexOf(`"${key}"`));
    findings.push({ rule, at: stretch(file, start, key.length + 2), message, remedy });
  };
  if (lock.epoch > nowSeconds + DAY_SECONDS) {
    say(
      'epoch-future',
      'epoch',
      `SOURCE_DATE_EPOCH is in the future: ${dayOf(lock.epoch)}.`,
      'Correct the date in the changelog or the `epoch` of the recipe, and lock again.',
    );
  } else if (lock.epoch > lock.imageEpoch + DAY_SECONDS) {
    say(
      'epoch-after-archive',
      'epoch',
      `The package is dated ${dayOf(lock.epoch)}, and the newest list of the archive that it is built on ${dayOf(lock.imageEpoch)}: the lock is older than the package.`,
      relock,
    );
  }
  if (lock.imageEpoch > nowSeconds + DAY_SECONDS) {
    say(
      'archive-future',
      'imageEpoch',
      `The archive was signed in the future, on ${dayOf(lock.imageEpoch)}.`,
      'Look at the clock of this machine.',
    );
  }
  for (const { suite, date } of lock.suites) {
    const seconds = Date.parse(date) / 1000;
    if (seconds > lock.imageEpoch) {
      say('suite-after-image', suite, `The suite ${suite} is newer than the date of the image, ${dayOf(lock.imageEpoch)}.`, relock);
    }
  }
  if (compareVersions(lock.twinbuild, toolVersion) > 0) {
    say(
      'lock-newer',
      'twinbuild',
      `The lock was written by twinbuild ${lock.twinbuild}; this is ${toolVersion}.`,
      'Use that version or a newer one.',
    );
  }
  return findings;
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
