import { mayBeNow, offsetsOf, wall } from './clocks.ts';
import type { Clue, Pair } from './clue.ts';
import { against, isVaried, type Mask, type Masked } from './detector.ts';
import { besideHalves, type Moment, momentsOf } from './moments.ts';
import { masked } from './swap.ts';
import type { CauseContext } from './types.ts';

const DAY = 86_400;

type Judged = {
  readonly name: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  readonly surrounding: 'timezone' | 'clock' | 'locale' | null;
  readonly what: string;
};

/** Dates of both sides, one by one against each other; undefined unless all that differ were judged to have the same reason. */
function datesMask(pair: Pair, context: CauseContext, wanted: string): Masked | undefined {
  const [one, two] = [momentsOf(pair.first), momentsOf(pair.second)];
  if (one.length === 0 || one.length !== two.length) return undefined;
  const differing = one.flatMap((first, index) => {
    const second = two[index];
    return second === undefined || second.text === first.text
      ? []
      : [{ first, second, judged: judge(besideHalves(first, second), besideHalves(second, first), context) }];
  });
  const chosen = differing.filter(({ judged }) => judged?.name === wanted);
  const [example] = chosen;
  if (example?.judged === undefined) return undefined;
  const { what, confidence, surrounding } = example.judged;
  const evidence = against(what, example.first.text, example.second.text);
  return { pair: masked(pair, chosen), finding: { confidence, evidence, surrounding } };
}

function judge(first: Moment, second: Moment, context: CauseContext): Judged | undefined {
  if (
    first.form !== second.form &&
    [first.form, second.form].some((form) => form === 'epoch' || form === 'code' || form === 'part' || form === 'year')
  )
    return undefined;
  if (context.builtAtSeconds === undefined) return unplaced(first, second);
  return ofTheBuild(first, second, context) ?? ofTheZone(first, second, context) ?? ofTheLocale(first, second, context);
}

/** Dates of builds that we did not see: any two dates of one form may be the times of the builds. */
function unplaced(first: Moment, second: Moment): Judged | undefined {
  if (first.form === 'year' || first.form === 'time' || first.form !== second.form || first.form === 'code' || first.form === 'part')
    return undefined;
  return { name: 'timestamp', confidence: 'possible', surrounding: null, what: 'A date' };
}

/** Both dates are those on which the builds ran. */
function ofTheBuild(first: Moment, second: Moment, context: CauseContext): Judged | undefined {
  if (first.form === 'part' || !mayBeNow(first, 'first', context) || !mayBeNow(second, 'second', context)) return undefined;
  const bare = first.form === 'time' || first.form === 'year';
  const zone = ofTheZone(first, second, context);
  const surrounding = isVaried(context, 'clock') ? 'clock' : zone?.surrounding === 'timezone' ? 'timezone' : null;
  return {
    name: 'timestamp',
    confidence: bare ? 'likely' : 'certain',
    surrounding,
    what: bare && first.form === 'time' ? 'The time of the build' : 'The date of the build',
  };
}

/** One moment, read off two clocks in two time zones. */
function ofTheZone(first: Moment, second: Moment, context: CauseContext): Judged | undefined {
  if (!isVaried(context, 'timezone') || ['epoch', 'code', 'part', 'year'].includes(first.form)) return undefined;
  const [one, two] = offsetsOf(context);
  if (one === undefined || two === undefined) return undefined;
  const apart = wall(second) - wall(first);
  const away = two - one;
  const what = 'The local time of the same moment';
  const judged = (confidence: Judged['confidence']): Judged => ({ name: 'timezone', confidence, surrounding: 'timezone', what });
  if (first.form === 'time') return mod(apart - away, DAY) === 0 ? judged('likely') : undefined;
  if (first.unit === 'day' || second.unit === 'day') return apart === Math.sign(away) * DAY ? judged('possible') : undefined;
  if (first.offsetSeconds !== undefined && second.offsetSeconds !== undefined && first.offsetSeconds !== second.offsetSeconds) {
    return apart === second.offsetSeconds - first.offsetSeconds ? judged('certain') : undefined;
  }
  return apart === away ? judged('certain') : undefined;
}

/** The same date in other words. */
function ofTheLocale(first: Moment, second: Moment, context: CauseContext): Judged | undefined {
  const written = ['words', 'numbers', 'part'].includes(first.form);
  const same = written && wall(first) === wall(second) && first.unit === second.unit;
  return same && isVaried(context, 'locale')
    ? { name: 'locale-date', confidence: 'certain', surrounding: 'locale', what: 'The same date' }
    : undefined;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** What to do about a date depends on who wrote it. */
function remedyFor({ name }: Clue): string | undefined {
  if (/\.pdf$/i.test(name))
    return 'TeX and Ghostscript write the date; set FORCE_SOURCE_DATE=1 for TeX, and pass SOURCE_DATE_EPOCH on to the program that makes the PDF.';
  if (/\.[1-9][a-z]*$/.test(name))
    return 'Give the manual page the date of the package: `pod2man --date`, or help2man and docbook-xsl with SOURCE_DATE_EPOCH in their environment.';
  if (/\.html?$/i.test(name))
    return 'Switch the date off in the generator of the documentation (Doxygen: HTML_TIMESTAMP = NO; javadoc: -notimestamp), or let it use SOURCE_DATE_EPOCH.';
  if (/\.properties$/.test(name))
    return 'Java writes the date as a comment; since OpenJDK 18 `java.util.Properties.store` keeps to -Djava.properties.date, before that drop the line after the build.';
  return undefined;
}

function dateMask(about: Omit<Mask, 'mask'>): Mask {
  return {
    ...about,
    mask(pair, context, clue) {
      const found = datesMask(pair, context, about.name);
      const remedy = about.name === 'timestamp' ? remedyFor(clue) : undefined;
      return found && remedy ? { ...found, finding: { ...found.finding, remedy } } : found;
    },
  };
}

export const DATE_MASKS: readonly Mask[] = [
  dateMask({
    name: 'timestamp',
    leak: 'The date or time of the build, as text',
    evidence:
      'Both sides have a date in the same place (seconds since 1970, also in hexadecimal and octal, ISO 8601 with its days of the year and weeks, RFC 2822, date(1) in several languages, __DATE__ and __TIME__, day/month/year, a year), and each lies after the start of its own build and at most two days later. Without knowledge of the builds any two dates count as possible.',
    remedy:
      'Use the date of the package: `date -u -d "@$SOURCE_DATE_EPOCH"` in scripts, SOURCE_DATE_EPOCH in programs; compilers take __DATE__ and __TIME__ from it by themselves, and -Wdate-time finds the place.',
    link: 'https://reproducible-builds.org/docs/source-date-epoch/',
  }),
  dateMask({
    name: 'timezone',
    leak: 'A moment, written in local time',
    evidence:
      'Both sides have a date or time that is apart by exactly the distance of the two time zones, and is not the time of the build.',
    remedy: 'Write times in UTC: `date -u`, gmtime() in place of localtime(), or `export TZ=UTC` in debian/rules.',
    link: 'https://reproducible-builds.org/docs/timezones/',
  }),
  dateMask({
    name: 'locale-date',
    leak: 'A date in the words of the locale',
    evidence: 'Both sides have the same date, in another spelling.',
    remedy: 'Write dates in a form without words, such as `date -u +%Y-%m-%d`, or with `LC_ALL=C.UTF-8`.',
    link: 'https://reproducible-builds.org/docs/locales/',
  }),
];
