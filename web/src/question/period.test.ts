// What each preset means on one fixed day.

import { describe, expect, test } from "vitest";
import { defaultInterval, intervalFor, intervalsFor } from "./interval";
import { dateRangeOf, datesOf, daysIn, type Period, PRESETS, type Preset, shifted } from "./period";

const TODAY = "2026-11-21";
const preset = (name: Preset): Period => ({ kind: "preset", preset: name });
const custom = (from: string, to: string): Period => ({ kind: "custom", from, to });

describe("dates of the presets", () => {
  test.each<[Preset, string, string]>([
    ["day", "2026-11-21", "2026-11-21"],
    ["yesterday", "2026-11-20", "2026-11-20"],
    ["7d", "2026-11-14", "2026-11-20"],
    ["28d", "2026-10-24", "2026-11-20"],
    ["month", "2026-11-01", "2026-11-21"],
    ["last_month", "2026-10-01", "2026-10-31"],
    ["year", "2026-01-01", "2026-11-21"],
    ["12mo", "2025-11-01", "2026-10-31"],
  ])("%s is %s to %s", (name, from, to) => {
    expect(datesOf(preset(name), TODAY)).toEqual([from, to]);
  });

  test("all time has no dates", () => expect(datesOf(preset("all"), TODAY)).toBeNull());
});

test("presets the API does not know are sent as dates, the others by name", () => {
  expect(dateRangeOf(preset("yesterday"), TODAY)).toEqual(["2026-11-20", "2026-11-20"]);
  expect(dateRangeOf(preset("last_month"), TODAY)).toEqual(["2026-10-01", "2026-10-31"]);
  expect(dateRangeOf(preset("91d"), TODAY)).toBe("91d");
});

describe("stepping", () => {
  test("days step by their length", () =>
    expect(shifted(preset("7d"), -1, TODAY)).toEqual(custom("2026-11-07", "2026-11-13")));
  test("months step by month", () =>
    expect(shifted(preset("last_month"), -1, TODAY)).toEqual(custom("2026-09-01", "2026-09-30")));
  test.each<[string, Period, Period]>([
    ["the month to date", preset("month"), custom("2026-10-01", "2026-10-31")],
    ["the year to date", preset("year"), custom("2025-02-10", "2025-12-31")],
    [
      "a range from the first of an earlier month to today",
      custom("2026-10-01", TODAY),
      custom("2026-08-10", "2026-09-30"),
    ],
    ["a part of a month", custom("2026-09-01", "2026-09-10"), custom("2026-08-22", "2026-08-31")],
  ])("%s steps to what came just before it", (_, period, earlier) =>
    expect(shifted(period, -1, TODAY)).toEqual(earlier),
  );
  test("never beyond today", () => {
    expect(shifted(preset("day"), 1, TODAY)).toBeNull();
    expect(shifted(preset("last_month"), 1, TODAY)).toEqual(custom("2026-11-01", TODAY));
  });
  test("all time cannot step", () => expect(shifted(preset("all"), -1, TODAY)).toBeNull());
});

describe("intervals", () => {
  test.each(PRESETS)("%s offers its own default", (name) => {
    const days = daysIn(preset(name), TODAY);
    expect(intervalsFor(days)).toContain(defaultInterval(days));
  });
  test("a wish that does not fit is not followed", () => {
    expect(intervalFor(28, "week")).toBe("week");
    expect(intervalFor(365, "hour")).toBe("week");
    expect(intervalFor(1, "month")).toBe("hour");
  });
});
