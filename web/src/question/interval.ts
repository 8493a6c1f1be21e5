// Into which buckets a chart cuts its range: what is offered, and what is chosen unasked.
// Limits keep a chart between a handful and a few hundred points.

export const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;

export type Interval = (typeof INTERVALS)[number];

const HOURLY_DAYS_MAX = 14;
const DAILY_DAYS_MAX = 400;
const DAILY_DEFAULT_DAYS_MAX = 100;

export const isInterval = (text: string | null): text is Interval =>
  INTERVALS.some((interval) => interval === text);

/** Choices for a range of that many days; `null` days: all time. */
export function intervalsFor(days: number | null): Interval[] {
  if (days === null) return ["day", "week", "month"];
  const choices: Interval[] = [];
  if (days <= 1) choices.push("minute");
  if (days <= HOURLY_DAYS_MAX) choices.push("hour");
  if (days > 1 && days <= DAILY_DAYS_MAX) choices.push("day");
  if (days > 7) choices.push("week");
  if (days > 27) choices.push("month");
  return choices;
}

export function defaultInterval(days: number | null): Interval {
  if (days === null) return "month";
  if (days <= 2) return "hour";
  if (days <= DAILY_DEFAULT_DAYS_MAX) return "day";
  return "week";
}

/** The wished interval where the range allows it, else the default. */
export function intervalFor(days: number | null, wished: Interval | null): Interval {
  return wished && intervalsFor(days).includes(wished) ? wished : defaultInterval(days);
}
