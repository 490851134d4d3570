import { MONTH, MONTHS, WEEKDAY } from './months.ts';
import type { Span } from './swap.ts';

export type Unit = 'second' | 'minute' | 'day' | 'month' | 'year';

/** A date or time of day as a text spells it. */
export type Moment = Span & {
  readonly text: string;
  readonly form: 'epoch' | 'code' | 'part' | 'numbers' | 'words' | 'time' | 'year';
  // code: digits of which only the time of the build tells that they are a time; part: a day of a month without a year
  readonly localSeconds: number; // what the clock on the wall showed, as if it stood in UTC; a bare time of day: on 1970-01-01
  readonly otherwiseSeconds?: readonly number[]; // the same where it can be read in other ways (3/4/2026)
  readonly half: boolean; // it says AM or PM
  readonly unit: Unit; // what it is exact to
  readonly offsetSeconds: number | undefined; // east of UTC, where the text says it
};

type Fields = Readonly<Record<string, string | undefined>>;

const TIME = String.raw`(?<hour>[01]?\d|2[0-4])(?:[:h](?<minute>[0-5]\d))(?:[:m](?<second>[0-6]\d)(?:[.,]\d{1,9})?)?s?(?:\s?(?<half>[AaPp]\.?[Mm]\.?))?`;
const ZONE = String.raw`(?:\s?(?<zone>Z(?:00'00'?)?|(?:UTC|GMT)?[+-]\d\d[:']?\d\d|UTC|GMT|[A-Z]{3,5}|\([A-Z]{3,5}\))(?![A-Za-z0-9]))?`;

const WORDS = new RegExp(
  String.raw`(?<![\p{L}\d])(?:(?:${WEEKDAY})[.,]?\s+)?(?:(?<y0>(?:19|20)\d\d)[\s/-]+)?(?:(?<d0>\d{1,2})(?:st|nd|rd|th|er|\.|º)?[\s/-]+(?:de\s+)?)?(?<month>${MONTH})(?!\p{L})\.?,?` +
    String.raw`(?:[\s/-]+(?:de\s+|del\s+)?(?<d1>[0-3]?\d)(?![\d:])(?:st|nd|rd|th)?,?)?` +
    String.raw`(?:[\s/-]+(?:de\s+)?(?<y1>(?:19|20)\d\d)(?!\d),?)?(?:(?:\s+|:)(?:à\s+|at\s+|um\s+)?${TIME})?${ZONE}(?:\s+(?<y2>(?:19|20)\d\d)(?!\d))?`,
  'giu',
);
/** A time behind a date of numbers: with any sign between its parts or none, and hundredths as of ISO 9660 behind it. */
const TIGHT_TIME = String.raw`(?<hour>[01]\d|2[0-4])(?:[:h._-]?(?<minute>[0-5]\d))(?:[:m._-]?(?<second>[0-6]\d)(?:[.,]\d{1,9}|\d\d(?!\d))?)?s?(?:\s?(?<half>[AaPp]\.?[Mm]\.?))?`;
const NUMBERS = new RegExp(
  String.raw`(?<!\d)(?<year>(?:19|20)\d\d)(?<between>[-/._]?)(?<month>0[1-9]|1[0-2])\k<between>(?<day>0[1-9]|[12]\d|3[01])(?:(?:[T ._-]|,\s)?${TIGHT_TIME}${ZONE})?(?!\d)`,
  'g',
);
/** The same with all signs of a second and hundredths, which could be taken for seconds since 1970 with a part. */
const LONG_NUMBERS =
  /(?<!\d)(?<year>(?:19|20)\d\d)(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])(?<hour>[01]\d|2[0-3])(?<minute>[0-5]\d)(?<second>[0-5]\d)\d\d(?!\d)/g;
/** The day of a year, and the day of a week of it (ISO 8601). */
const ORDINAL = new RegExp(
  String.raw`(?<![\d])(?<year>(?:19|20)\d\d)-(?:(?<ordinal>[0-3]\d\d)|W(?<week>[0-5]\d)-(?<weekday>[1-7]))(?:[T ]${TIGHT_TIME}${ZONE})?(?!\d)`,
  'g',
);
const HEX = /(?<!\w)(?:0x)?(?<hex>[4-9a-f][0-9a-f]{7})(?!\w)/gi;
const OCTAL = /(?<![\w.])0?(?<octal>1[0-7]{10})(?![\w.])/g;
const SHORT_NUMBERS =
  /(?<!\d)(?<year>\d\d)(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])(?<hour>[01]\d|2[0-3])(?<minute>[0-5]\d)(?<second>[0-5]\d)(?!\d)/g;
const YEAR_MONTH = /(?<![\d.])(?<year>(?:19|20)\d\d)[-/](?<month>0[1-9]|1[0-2])(?![-/]?\d)/g;
const DAY_FIRST = new RegExp(
  String.raw`(?<![\d.])(?<a>[0-3]?\d)(?<between>[/.-])(?<b>[0-3]?\d)\k<between>(?<year>(?:19|20)?\d\d)(?:,?\s+${TIME}${ZONE})?(?![\d.]\d)`,
  'g',
);
const BARE_TIME = new RegExp(String.raw`(?<![\d:.])${TIME.replace('[01]?', '[01]?')}${ZONE}(?![\d:])`, 'g');
const EPOCH = /(?<![\d.])(?<seconds>[12]\d{9})(?<part>\d{3}|\d{6}|\d{9})?(?!\d)/g;
const YEAR = /(?<![\p{L}\d.:/+-])(?<year>(?:19|20)\d\d)(?![\p{L}\d:/+-]|\.\d)/gu;

/** Every date and time of day in a text, in its order. What can be read in two ways (3/4/2026) is first read as day, month, year. */
export function momentsOf(text: string): readonly Moment[] {
  const found: Moment[] = [];
  const taken = new Uint8Array(text.length);
  const take = (pattern: RegExp, read: (fields: Fields) => Omit<Moment, 'start' | 'end' | 'text'> | undefined): void => {
    for (const match of text.matchAll(pattern)) {
      const words = match[0].trimEnd();
      const [start, end] = [match.index, match.index + words.length];
      if (words === '' || taken.subarray(start, end).includes(1)) continue;
      const moment = read(match.groups ?? {});
      if (moment === undefined) continue;
      taken.fill(1, start, end);
      found.push({ ...moment, start, end, text: words });
    }
  };
  take(WORDS, readWords);
  take(LONG_NUMBERS, (fields) => calendar('numbers', fields, fields['year'], fields['month'], fields['day']));
  take(ORDINAL, ordinal);
  take(EPOCH, ({ seconds }) => counted('epoch', Number(seconds)));
  take(HEX, ({ hex }) => counted('code', Number.parseInt(hex ?? '', 16)));
  take(OCTAL, ({ octal }) => counted('code', Number.parseInt(octal ?? '', 8)));
  take(SHORT_NUMBERS, (fields) => calendar('code', fields, `20${fields['year']}`, fields['month'], fields['day']));
  take(NUMBERS, (fields) => calendar('numbers', fields, fields['year'], fields['month'], fields['day']));
  take(YEAR_MONTH, (fields) => calendar('numbers', fields, fields['year'], fields['month'], undefined));
  take(DAY_FIRST, (fields) => {
    const year = fields['year']?.length === 2 ? `20${fields['year']}` : fields['year'];
    const dayFirst = calendar('numbers', fields, year, fields['b'], fields['a']);
    const monthFirst = calendar('numbers', fields, year, fields['a'], fields['b']);
    return dayFirst && monthFirst ? { ...dayFirst, otherwiseSeconds: [monthFirst.localSeconds] } : (dayFirst ?? monthFirst);
  });
  take(BARE_TIME, (fields) => calendar('time', fields, '1970', '1', '1'));
  take(YEAR, (fields) => calendar('year', fields, fields['year'], undefined, undefined));
  return found.sort((a, b) => a.start - b.start);
}

/** Seconds since 1970-01-01T00:00:00Z. */
function counted(form: 'epoch' | 'code', seconds: number): Omit<Moment, 'start' | 'end' | 'text'> {
  return { form, localSeconds: seconds, unit: 'second', offsetSeconds: 0, half: false };
}

/**
 * A moment as it can be read next to one that says AM or PM: a locale without words for them leaves them out, and the hour may be of either half of the
 * day.
 */
export function besideHalves(moment: Moment, other: Moment): Moment {
  const hour = Math.floor(moment.localSeconds / 3600) % 24;
  if (moment.half || !other.half || hour > 12 || hour < 1) return moment;
  const inOtherHalf = moment.localSeconds + (hour === 12 ? -1 : 1) * 12 * 3600;
  return { ...moment, otherwiseSeconds: [...(moment.otherwiseSeconds ?? []), inOtherHalf] };
}

/** A date with the month as a word; `may` and `mar` alone are no dates. */
function readWords(fields: Fields): Omit<Moment, 'start' | 'end' | 'text'> | undefined {
  const { d0, d1 } = fields;
  // 25-Nov-26: what stands behind the month is a day only where none stands before it.
  const short = d0 !== undefined && d1?.length === 2 ? `20${d1}` : undefined;
  const year = fields['y0'] ?? fields['y1'] ?? fields['y2'] ?? short;
  const day = d0 ?? d1;
  if (year === undefined && day === undefined) return undefined;
  const form = year === undefined && fields['hour'] === undefined ? 'part' : 'words';
  const word = (fields['month'] ?? '').toLowerCase();
  const month = MONTHS.findIndex((names) => new RegExp(`^(?:${names})$`, 'iu').test(word)) + 1;
  return calendar(form, fields, year ?? '1970', String(month), day);
}

function calendar(
  form: Moment['form'],
  fields: Fields,
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): Omit<Moment, 'start' | 'end' | 'text'> | undefined {
  const [m, d] = [Number(month ?? 1), Number(day ?? 1)];
  if (m < 1 || m > 12 || d < 1 || d > 31) return undefined;
  const { hour, minute, second, zone } = fields;
  const localSeconds = Date.UTC(Number(year), m - 1, d, hoursOf(fields), Number(minute ?? 0), Number(second ?? 0)) / 1000;
  const units: readonly (readonly [Unit, string | undefined])[] = [
    ['second', second],
    ['minute', hour],
    ['day', day],
    ['month', month],
  ];
  const unit = units.find(([, field]) => field !== undefined)?.[0] ?? 'year';
  return Number.isFinite(localSeconds)
    ? { form, localSeconds, unit, offsetSeconds: offsetOf(zone), half: fields['half'] !== undefined }
    : undefined;
}

/** A day by its number in the year, or by week and day of the week: week 1 is that of 4 January, weeks start on Monday. */
function ordinal(fields: Fields): Omit<Moment, 'start' | 'end' | 'text'> | undefined {
  const { year, ordinal: number, week, weekday } = fields;
  const fourth = new Date(Date.UTC(Number(year), 0, 4));
  const days = number === undefined ? 4 - (fourth.getUTCDay() || 7) + (Number(week) - 1) * 7 + Number(weekday) : Number(number);
  if (days < -3 || days > 371 || (number !== undefined && days === 0)) return undefined;
  const day = new Date(Date.UTC(Number(year), 0, days));
  return calendar('numbers', fields, String(day.getUTCFullYear()), String(day.getUTCMonth() + 1), String(day.getUTCDate()));
}

/** The hour of a clock with 24 of them. */
function hoursOf({ hour, half }: Fields): number {
  if (half === undefined) return Number(hour ?? 0);
  return (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0);
}

/** Only what is unmistakable: abbreviations of zones are not, and TZ=GMT-14 prints `GMT`. */
function offsetOf(zone: string | undefined): number | undefined {
  if (zone?.startsWith('Z') === true || zone === 'UTC' || zone === '(UTC)') return 0;
  const [, sign, hours, minutes] = /^(?:UTC|GMT)?([+-])(\d\d)[:']?(\d\d)$/.exec(zone ?? '') ?? [];
  return sign === undefined ? undefined : (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
