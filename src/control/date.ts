const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const FORM =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), *)?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{1,2}):([0-9]{2}):([0-9]{2}) (?:([+-])([0-9]{2})([0-9]{2})|UTC|GMT|Z)$/;

/**
 * The moment that a date in the form of RFC 5322 names, in seconds since 1970-01-01T00:00:00Z: `Sat, 10 Jun 2023 08:53:33 UTC` of a Release file,
 * `Mon, 26 Dec 2022 16:30:00 +0100` of a changelog. Undefined when it is none, or on a day that does not exist. The weekday is not checked against the
 * date, as old changelogs have it wrong.
 */
export function parseDate(text: string): number | undefined {
  const match = FORM.exec(text.trim().replaceAll(/\s+/g, ' '));
  if (match === null) return undefined;
  const [day = 0, year = 0, hour = 0, minute = 0, second = 0, zoneHours = 0, zoneMinutes = 0] = [1, 3, 4, 5, 6, 8, 9].map((group) =>
    Number(match[group] ?? 0),
  );
  const month = MONTHS.indexOf(match[2] ?? '');
  const whole = new Date(Date.UTC(year, month, day));
  if (month === -1 || year < 100 || whole.getUTCMonth() !== month || whole.getUTCDate() !== day) return undefined;
  if (hour > 23 || minute > 59 || second > 60 || zoneHours > 23 || zoneMinutes > 59) return undefined;
  const zoneSeconds = (zoneHours * 60 + zoneMinutes) * 60 * (match[7] === '-' ? -1 : 1);
  return whole.getTime() / 1000 + hour * 3600 + minute * 60 + second - zoneSeconds;
}
