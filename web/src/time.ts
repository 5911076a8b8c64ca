import type { Dictionary } from './text';
import type { Locale } from './shapes';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest parts: "12 s", "3 min 12 s", "41 h 12 min", "3 d 4 h". Never negative. */
export function duration(ms: number, text: Dictionary): string {
  const rest = Math.max(0, ms);
  const { second, minute, hour, day } = text.units;
  if (rest < MINUTE) return second(Math.floor(rest / SECOND));
  if (rest < HOUR) return joined(text, minute(Math.floor(rest / MINUTE)), second(Math.floor((rest % MINUTE) / SECOND)));
  // Deadlines run over 48 h and are spoken of in hours; days begin after that.
  if (rest < 2 * DAY + HOUR) return joined(text, hour(Math.floor(rest / HOUR)), minute(Math.floor((rest % HOUR) / MINUTE)));
  return joined(text, day(Math.floor(rest / DAY)), hour(Math.floor((rest % DAY) / HOUR)));
}

/** The same in its one largest part, for narrow places: "12 s", "3 min", "41 h", "3 d". */
export function shortDuration(ms: number, text: Dictionary): string {
  const rest = Math.max(0, ms);
  if (rest < MINUTE) return text.units.second(Math.floor(rest / SECOND));
  if (rest < HOUR) return text.units.minute(Math.floor(rest / MINUTE));
  if (rest < 2 * DAY + HOUR) return text.units.hour(Math.floor(rest / HOUR));
  return text.units.day(Math.floor(rest / DAY));
}

/** How long ago; a reading stamped a little ahead of us is "now", not "-2 s ago". */
export function ago(at: number, now: number, text: Dictionary): string {
  return text.time.ago(duration(now - at, text));
}

/** "14:03" for today; with the day for this year, with the year for others. `zone` is an IANA name. */
export function clock(at: number, now: number, locale: Locale, zone: string): string {
  const time = parts(at, locale, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const today = dayOf(at, zone);
  if (today === dayOf(now, zone)) return time;
  const sameYear = today.slice(0, 4) === dayOf(now, zone).slice(0, 4);
  const day = parts(at, locale, zone, sameYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'short', day: 'numeric' });
  return `${day} ${time}`;
}

/** Everything about one moment, to the second; `long` with the year and the zone's name. */
export function fullTime(at: number, locale: Locale, zone: string, length: 'long' | 'short' = 'long'): string {
  const time = parts(at, locale, zone, {
    ...(length === 'long' ? { year: 'numeric' } : {}),
    month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });
  return length === 'long' ? `${time} ${zoneName(at, locale, zone)}` : time;
}

/** A label of a time axis whose marks are `increment` seconds apart: as much as tells them apart. Midnight shows the day. */
export function axisTime(at: number, increment: number, locale: Locale, zone: string): string {
  const day = parts(at, locale, zone, { month: 'numeric', day: 'numeric' });
  if (increment >= 86_400) return day;
  const time = parts(at, locale, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(increment < 60 ? { second: '2-digit' } : {}) });
  return time === '00:00' ? day : time;
}

export function zoneName(at: number, locale: Locale, zone: string): string {
  const named = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'long' }).formatToParts(at);
  const name = named.find((part) => part.type === 'timeZoneName')?.value ?? zone;
  return `${name} (${zone})`;
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function joined(text: Dictionary, large: string, small: string): string {
  return `${large}${text.units.between}${small}`;
}

function dayOf(at: number, zone: string): string {
  return parts(at, 'en-CA', zone, { year: 'numeric', month: '2-digit', day: '2-digit' });
}

// Making a formatter costs far more than using it, and a screen of counting ages asks every second.
const formatters = new Map<string, Intl.DateTimeFormat>();

function parts(at: number, locale: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${zone} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
    formatters.set(key, formatter);
  }
  return formatter.format(at);
}

/** A day such as 2026-03-02 in words: "Mar 2", with the year where it is another one than this. */
export function dayWord(day: string, locale: Locale): string {
  const at = Date.parse(`${day}T12:00:00Z`);
  const sameYear = day.slice(0, 4) === new Date().toISOString().slice(0, 4);
  return parts(at, locale, 'UTC', sameYear ? { month: 'short', day: 'numeric' } : { year: 'numeric', month: 'short', day: 'numeric' });
}

/** The ISO number of a day such as 2026-03-02: 1 for Monday. */
export const weekdayOf = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay() || 7;

/** "Mon", "周一"; 1 for Monday. */
export function weekdayWord(day: number, locale: Locale): string {
  return parts(Date.UTC(2024, 0, day), locale, 'UTC', { weekday: 'short' }); // the first of that year was a Monday
}

/** The day that it is in a zone, such as 2026-03-02. */
export const dayIn = (at: number, zone: string): string => dayOf(at, zone);

/** So many days later. */
export function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** As `datetime-local` has it: the clock on the wall in `zone`, to the minute. */
export function wallMinute(at: number, zone: string): string {
  return `${dayOf(at, zone)}T${parts(at, 'en-CA', zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })}`;
}

/**
 * The moment at which the wall in `zone` says so; NaN where it is no time. As the server has it: of an hour that comes
 * twice the first, and an hour that is skipped counts as if the clock had not been changed yet.
 */
export function momentOf(minute: string, zone: string): number {
  const asUtc = Date.parse(`${minute}Z`);
  if (Number.isNaN(asUtc)) return NaN;
  const candidates = [asUtc - DAY, asUtc + DAY].map((near) => asUtc - (Date.parse(`${wallMinute(near, zone)}Z`) - near));
  return candidates.find((at) => wallMinute(at, zone) === minute) ?? candidates[0]!;
}
