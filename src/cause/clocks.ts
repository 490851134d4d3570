import type { Moment, Unit } from './moments.ts';
import type { CauseContext } from './types.ts';

type Side = 'first' | 'second';

const LENGTHS: Readonly<Record<Unit, number>> = { second: 1, minute: 60, day: 86_400, month: 31 * 86_400, year: 366 * 86_400 };

/** A build writes its time while it runs. Two days hold the longest one; less would miss it, and more would take in dates of the package. */
const LONGEST_BUILD_SECONDS = 2 * 86_400;
/** A bare time of day comes round each day, so it must be near to mean anything. */
const NEAR_SECONDS = 3600;
/** Start times are taken when a build has ended, by a clock that is not the container's. */
const SLACK_SECONDS = 30;

/** Every whole hour that a zone lies from UTC. */
const HOURLY: readonly number[] = Array.from({ length: 27 }, (_, index) => (index - 12) * 3600);

/** What the clock on the wall showed: local seconds, of the day only for a bare time. */
export function wall({ localSeconds }: Moment): number {
  return localSeconds;
}

/** Where the zones of both builds lie, in seconds east of UTC; undefined for a zone that only a database knows. */
export function offsetsOf({ first, second }: CauseContext): readonly [number | undefined, number | undefined] {
  return [first && zoneOffset(first.timezone), second && zoneOffset(second.timezone)];
}

/** Of TZ in POSIX form, where GMT-14 is 14 hours east. */
export function zoneOffset(zone: string): number | undefined {
  if (/^(UTC|GMT|Etc\/UTC|UTC0|GMT0)?$/.test(zone)) return 0;
  const [, sign, hours, minutes = '0'] = /^(?:[A-Za-z]{3,}|<[^>]+>)([+-]?)(\d{1,2})(?::(\d{2}))?$/.exec(zone) ?? [];
  if (hours === undefined) return undefined;
  return (sign === '-' ? 1 : -1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** Whether a date can be the time at which its build ran, in UTC or in the build's zone. */
export function mayBeNow(moment: Moment, side: Side, context: CauseContext): boolean {
  const began = beganAt(side, context);
  if (began === undefined) return false;
  const { localSeconds, otherwiseSeconds, form } = moment;
  const length = LENGTHS[moment.unit];
  const fits = form === 'time' ? comesRound : isBetween;
  const readings = [localSeconds, ...(otherwiseSeconds ?? [])];
  return readings.some((local) => zonesOf(moment, context[side]?.timezone).some((zone) => fits(local - zone, length, began)));
}

function zonesOf({ offsetSeconds }: Moment, timezone: string | undefined): readonly number[] {
  if (offsetSeconds !== undefined) return [offsetSeconds];
  const own = timezone === undefined ? undefined : zoneOffset(timezone);
  return own === undefined ? HOURLY : [0, own];
}

function isBetween(at: number, length: number, began: number): boolean {
  return at + length > began - SLACK_SECONDS && at < began + LONGEST_BUILD_SECONDS;
}

function comesRound(at: number, length: number, began: number): boolean {
  const since = (((at - began + SLACK_SECONDS + length) % 86_400) + 86_400) % 86_400;
  return since < NEAR_SECONDS;
}

/** Whether seconds since 1970 can be the time at which a build ran. */
export function isNow(seconds: number, side: Side, context: CauseContext): boolean {
  const began = beganAt(side, context);
  return began !== undefined && seconds > began - SLACK_SECONDS && seconds < began + LONGEST_BUILD_SECONDS;
}

function beganAt(side: Side, { builtAtSeconds, first, second }: CauseContext): number | undefined {
  const began = builtAtSeconds?.[side === 'first' ? 0 : 1];
  return began === undefined ? undefined : began + ((side === 'first' ? first : second)?.clockOffsetSeconds ?? 0);
}
