// Dates and times as text. Labels of answers are local to the project already, so they are read
// and written as if in UTC; instants are shown in the zone they are given.

import { addDays, type LocalDate } from "../question/dates";
import type { Interval } from "../question/interval";

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, { ...options, timeZone: "UTC" });

const dayLong = utc({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const dayShort = utc({ day: "numeric", month: "short" });
const dayYear = utc({ day: "numeric", month: "short", year: "numeric" });
const monthShort = utc({ month: "short" });
const monthLong = utc({ month: "long", year: "numeric" });
const monthYear = utc({ month: "short", year: "numeric" });
const clock = utc({ hour: "numeric", minute: "2-digit" });
const weekdayNarrow = utc({ weekday: "short" });

const parse = (label: string) =>
  new Date(label.length > 10 ? `${label.replace(" ", "T")}Z` : `${label}T00:00:00Z`);

export const formatDay = (date: LocalDate): string => dayYear.format(parse(date));
export const formatDayLong = (date: LocalDate): string => dayLong.format(parse(date));
export const formatMonth = (date: LocalDate): string => monthLong.format(parse(date));
export const formatWeekday = (date: LocalDate): string => weekdayNarrow.format(parse(date));

/** A range of dates in as few words as the language allows: `3 – 9 Nov 2026`. */
export const formatRange = (from: LocalDate, to: LocalDate): string =>
  from === to ? dayLong.format(parse(from)) : dayYear.formatRange(parse(from), parse(to));

/** A bucket in full, for tooltips and tables. */
export function formatBucket(label: string, interval: Interval): string {
  const date = parse(label);
  switch (interval) {
    case "minute":
    case "hour":
      return `${dayShort.format(date)}, ${clock.format(date)}`;
    case "day":
      return dayLong.format(date);
    case "week":
      return dayYear.formatRange(date, parse(addDays(label.slice(0, 10), 6)));
    case "month":
      return monthLong.format(date);
  }
}

const TICKS = {
  clock,
  day: dayShort,
  dayYear,
  month: monthShort,
  monthYear,
  year: utc({ year: "numeric" }),
} as const;

/** What of a bucket's time the axis has to say. */
export type TickParts = keyof typeof TICKS;

/** A bucket on the axis. */
export const formatTick = (label: string, parts: TickParts): string =>
  TICKS[parts].format(parse(label));

export function formatInstant(instant: string, zone: string): string {
  const options = { dateStyle: "medium", timeStyle: "medium" } as const;
  try {
    return new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone }).format(
      new Date(instant),
    );
  } catch {
    return new Intl.DateTimeFormat(undefined, options).format(new Date(instant));
  }
}

/** The time of day of a local date-time. */
export const formatClock = (local: string): string => clock.format(parse(local));

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

export const formatYesterday = (): string => relative.format(-1, "day");

/** `3 minutes ago`. */
export function formatAgo(instant: string, now: number): string {
  const seconds = Math.round((Date.parse(instant) - now) / 1000);
  if (Math.abs(seconds) < 60) return relative.format(seconds, "second");
  if (Math.abs(seconds) < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (Math.abs(seconds) < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}
