// Days of a fan chart: what was, what is expected, or both. Pure.

import type { Accuracy, Forecast, Outlook } from "../api/predictions";

export interface Day {
  day: string;
  /** What was measured; null where nothing was, or not yet. */
  value: number | null;
  outlook: Outlook | null;
}

/** History, then what is expected, with the history's last days only. */
export function daysOf({ history, forecast }: Forecast, historyDays: number): Day[] {
  return [
    ...history.slice(-historyDays).map(({ day, value }) => ({ day, value, outlook: null })),
    ...forecast.map((outlook) => ({ day: outlook.day, value: null, outlook })),
  ];
}

/** Days that have passed, beside what was expected of them. */
export const passedDays = ({ days }: Accuracy): Day[] =>
  days.map((day) => ({ day: day.day, value: day.actual, outlook: day }));

/**
 * The sum that is expected. Its interval cannot be had from those of the days, so only the sum of
 * what is expected is given.
 */
export const expectedSum = ({ forecast }: Forecast): number =>
  forecast.reduce((sum, { expected }) => sum + expected, 0);

/** The sum over as many days just before; null unless all are known. */
export function sumBefore({ history, forecast }: Forecast): number | null {
  const values = history.slice(-forecast.length).map(({ value }) => value);
  if (values.length < forecast.length || values.some((value) => value === null)) return null;
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** The largest number that the chart must show. */
export const highest = (days: Day[]): number =>
  Math.max(0, ...days.flatMap(({ value, outlook }) => [value ?? 0, outlook?.high_95 ?? 0]));
