// Calendar arithmetic, at the edges of months, years and zones.

import { describe, expect, test } from "vitest";
import { addMonths, clockIn, daysBetween, isLocalDate, monthGrid, todayIn, weekday } from "./dates";

describe("todayIn", () => {
  test.each([
    ["2026-03-29T22:30:00Z", "Europe/Berlin", "2026-03-30"],
    ["2026-03-28T22:30:00Z", "Europe/Berlin", "2026-03-28"],
    ["2026-01-01T03:00:00Z", "America/New_York", "2025-12-31"],
    ["2026-01-01T11:00:00Z", "Pacific/Kiritimati", "2026-01-02"],
  ])("%s in %s is %s", (instant, zone, date) => {
    expect(todayIn(zone, new Date(instant))).toBe(date);
  });
});

test.each([
  ["2026-11-21T10:19:59Z", "Europe/Berlin", "11:19"],
  ["2026-11-20T23:00:00Z", "Europe/Berlin", "00:00"],
  ["2026-11-21T10:19:00Z", "Asia/Kolkata", "15:49"],
])("at %s clocks of %s say %s", (instant, zone, clock) => {
  expect(clockIn(zone, new Date(instant))).toBe(clock);
});

test("months are clamped to their last day", () => {
  expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
  expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
  expect(addMonths("2026-01-15", -13)).toBe("2024-12-15");
});

test("both ends of a range count", () => {
  expect(daysBetween("2026-03-01", "2026-03-01")).toBe(1);
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(3);
});

test.each(["2026-02-30", "2026-2-3", "", "tomorrow", null])("%s is no date", (text) => {
  expect(isLocalDate(text)).toBe(false);
});

test("a month's grid starts on a Monday and holds the whole month", () => {
  const grid = monthGrid("2026-11-15");
  expect(grid[0]?.[0]).toBe("2026-10-26");
  expect(grid.at(-1)?.[6]).toBe("2026-12-06");
  expect(grid.every((week) => week.length === 7 && weekday(week[0] ?? "") === 0)).toBe(true);
});
