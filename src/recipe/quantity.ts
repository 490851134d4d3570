/** Sizes as a recipe writes them: powers of 1000 (kB, MB …) and of 1024 (KiB, MiB …). */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};
const UNIT_SECONDS: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Bytes of a size such as `4GiB`, rounded down; undefined when it is none, is zero, or too large to count. */
export function parseBytes(text: string): number | undefined {
  const { number, unit } = /^(?<number>\d+(\.\d+)?) ?(?<unit>[A-Za-z]+)$/.exec(text)?.groups ?? {};
  const bytes = Math.floor(Number(number) * (UNIT_BYTES[unit ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** Seconds of a time such as `1h30m`; undefined when it is none, is zero, or longer than a year. */
export function parseSeconds(text: string): number | undefined {
  if (!/^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/.test(text)) return undefined;
  let seconds = 0;
  for (const { groups } of text.matchAll(/(?<number>\d+)(?<unit>[dhms])/g)) {
    seconds += Number(groups?.['number']) * (UNIT_SECONDS[groups?.['unit'] ?? ''] ?? Number.NaN);
  }
  return seconds > 0 && seconds <= 366 * 86_400 ? seconds : undefined;
}

/** Seconds since 1970-01-01T00:00:00Z of a time such as `2024-01-01T00:00:00Z`; undefined when there is no such day or hour. */
export function parseInstant(text: string): number | undefined {
  const milliseconds = Date.parse(text);
  // 31 February is read as 2 March: what does not come out as it went in is no date.
  if (Number.isNaN(milliseconds) || milliseconds < 0 || new Date(milliseconds).toISOString().replace('.000Z', 'Z') !== text)
    return undefined;
  return milliseconds / 1000;
}
