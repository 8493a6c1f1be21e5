// The axis names round buckets, and the year where the range has more than one.

import { expect, test } from "vitest";
import { addDays, addMonths } from "../question/dates";
import type { Interval } from "../question/interval";
import { timeTicks } from "./ticks";

const days = (from: string, count: number, step = 1) =>
  Array.from({ length: count }, (_, index) => addDays(from, index * step));
const months = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => addMonths(from, index));
const hours = (day: string) =>
  Array.from({ length: 24 }, (_, hour) => `${day} ${String(hour).padStart(2, "0")}:00:00`);

const texts = (labels: string[], interval: Interval, ticksMax = 12) =>
  timeTicks(labels, interval, ticksMax).map((tick) => tick.text);

test("months of one year need no year", () => {
  expect(texts(months("2026-01-01", 4), "month")).toEqual(["Jan", "Feb", "Mar", "Apr"]);
});

test("months of two years all say which", () => {
  expect(texts(months("2025-11-01", 13), "month", 5)).toEqual([
    "Jan 2026",
    "Apr 2026",
    "Jul 2026",
    "Oct 2026",
  ]);
});

test("thirty years are named by the year, at round ones", () => {
  const axis = texts(months("1996-03-01", 369), "month", 13);
  expect(axis).toEqual(["2000", "2005", "2010", "2015", "2020", "2025"]);
});

test.each<[Interval, string[]]>([
  ["day", days("2025-12-20", 30)],
  ["week", days("2024-11-04", 100, 7)],
])("each %s of a range over years says which", (interval, labels) => {
  for (const text of texts(labels, interval)) expect(text).toMatch(/20\d\d/);
});

test("days of one year do not", () => {
  expect(texts(days("2026-11-01", 3), "day")).toEqual(["Nov 1", "Nov 2", "Nov 3"]);
});

test("hours of one day are times", () => {
  expect(texts(hours("2026-11-20"), "hour", 4)).toEqual([
    "12:00 AM",
    "6:00 AM",
    "12:00 PM",
    "6:00 PM",
  ]);
});

test.each([2, 5, 12])("no more than %s ticks, one more where the first is not round", (max) => {
  const all = [months("2025-11-01", 13), months("1996-03-01", 369), months("2001-02-01", 50)];
  for (const labels of all) {
    const count = texts(labels, "month", max).length;
    expect(count).toBeGreaterThanOrEqual(1);
    expect(count).toBeLessThanOrEqual(max + 1);
  }
});
