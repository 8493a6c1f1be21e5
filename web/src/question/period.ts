// Periods a reader can choose, and the date range each one means to the API.
// "Last N days" excludes today, as the API defines it; the rest follows from today's date.

import {
  addDays,
  addMonths,
  daysBetween,
  type LocalDate,
  monthEnd,
  monthStart,
  yearStart,
} from "./dates";

export const PRESETS = [
  "day",
  "yesterday",
  "24h",
  "7d",
  "28d",
  "30d",
  "91d",
  "month",
  "last_month",
  "year",
  "12mo",
  "all",
] as const;

export type Preset = (typeof PRESETS)[number];

export type Period =
  | { kind: "preset"; preset: Preset }
  | { kind: "custom"; from: LocalDate; to: LocalDate };

export const DEFAULT_PRESET: Preset = "28d";

export const isPreset = (text: string | null): text is Preset =>
  PRESETS.some((preset) => preset === text);

/** What to send as `date_range`. */
export function dateRangeOf(period: Period, today: LocalDate): string | [string, string] {
  if (period.kind === "custom") return [period.from, period.to];
  if (period.preset === "yesterday") return [addDays(today, -1), addDays(today, -1)];
  if (period.preset === "last_month") return lastMonth(today);
  return period.preset;
}

/** The local dates a period covers; null where only the server knows (`all`). */
export function datesOf(period: Period, today: LocalDate): [LocalDate, LocalDate] | null {
  if (period.kind === "custom") return [period.from, period.to];
  const daysBack = (days: number): [LocalDate, LocalDate] => [
    addDays(today, -days),
    addDays(today, -1),
  ];
  switch (period.preset) {
    case "day":
      return [today, today];
    case "yesterday":
      return daysBack(1);
    case "24h":
      return [addDays(today, -1), today];
    case "7d":
      return daysBack(7);
    case "28d":
      return daysBack(28);
    case "30d":
      return daysBack(30);
    case "91d":
      return daysBack(91);
    case "month":
      return [monthStart(today), today];
    case "last_month":
      return lastMonth(today);
    case "year":
      return [yearStart(today), today];
    case "12mo":
      return [addMonths(monthStart(today), -12), addDays(monthStart(today), -1)];
    case "all":
      return null;
  }
}

/** How many local days a period covers; null for `all`. */
export function daysIn(period: Period, today: LocalDate): number | null {
  const dates = datesOf(period, today);
  return dates && daysBetween(dates[0], dates[1]);
}

/** The period of the same length just before or after, for the arrows beside the picker. */
export function shifted(period: Period, direction: -1 | 1, today: LocalDate): Period | null {
  const dates = datesOf(period, today);
  if (!dates || (period.kind === "preset" && period.preset === "24h")) return null;
  const [from, to] = dates;
  const monthToDate = to === today && from === monthStart(today);
  const wholeMonth = monthToDate || (from === monthStart(from) && to === monthEnd(from));
  const [nextFrom, nextTo] = wholeMonth
    ? [addMonths(from, direction), monthEnd(addMonths(from, direction))]
    : [
        addDays(from, direction * daysBetween(from, to)),
        addDays(to, direction * daysBetween(from, to)),
      ];
  if (nextFrom > today) return null;
  return { kind: "custom", from: nextFrom, to: nextTo > today ? today : nextTo };
}

function lastMonth(today: LocalDate): [LocalDate, LocalDate] {
  const first = addMonths(monthStart(today), -1);
  return [first, monthEnd(first)];
}
