// Every bucket has its point, in this time and in the other.

import { describe, expect, test } from "vitest";
import type { Metric, QueryAnswer, QueryRow } from "../api/types";
import { pointsOf } from "./series";

const LABELS = ["2026-11-01", "2026-11-02"];
const BEFORE = ["2026-10-30", "2026-10-31"];

/** Points of a series over two days, compared with two others. */
function points(metrics: Metric[], results: QueryRow[], meta: Partial<QueryAnswer["meta"]> = {}) {
  const query = { date_range: ["2026-11-01", "2026-11-02"] as [string, string] };
  const labels = { time_labels: LABELS, comparison_time_labels: BEFORE, ...meta };
  return pointsOf({ results, meta: labels, query }, metrics);
}

const row = (label: string, metrics: (number | null)[], comparison?: QueryRow["comparison"]) => ({
  dimensions: [label],
  metrics,
  ...(comparison !== undefined && { comparison }),
});

test("points follow the labels, and a bucket without a row counted nothing in either time", () => {
  const comparison = { metrics: [4], dimensions: ["2026-10-31"], change: [75] };
  expect(points(["visitors"], [row("2026-11-02", [7], comparison)])).toEqual([
    { label: "2026-11-01", value: 0, before: { label: "2026-10-30", value: 0, change: 0 } },
    { label: "2026-11-02", value: 7, before: { label: "2026-10-31", value: 4, change: 75 } },
  ]);
});

test("a bucket beyond the other time is compared with nothing", () => {
  const short = { comparison_time_labels: BEFORE.slice(0, 1) };
  const results = [row("2026-11-02", [7], null)];
  expect(points(["visitors"], results, short).map((point) => point.before?.label)).toEqual([
    "2026-10-30",
    undefined,
  ]);
});

test("the change is the API's, also from nothing", () => {
  const comparison = { metrics: [0], dimensions: ["2026-10-31"], change: [100] };
  const [, point] = points(["visitors"], [row("2026-11-02", [3], comparison)]);
  expect(point?.before).toEqual({ label: "2026-10-31", value: 0, change: 100 });
});

test("what has no meaning in a bucket is no zero", () => {
  const values = points(["duration_p50_ms"], [row("2026-11-01", [null])]);
  expect(values.map((point) => point.value)).toEqual([null, null]);
});

describe("a ratio of visits", () => {
  const both: Metric[] = ["bounce_rate", "visits"];

  test("is nothing where there were none, and changes from nothing to nothing", () => {
    const comparison = { metrics: [0, 0], dimensions: ["2026-10-31"], change: [44, 100] };
    const [none, some] = points(both, [row("2026-11-02", [44, 9], comparison)]);
    expect(none?.value).toBeNull();
    expect(some).toEqual({
      label: "2026-11-02",
      value: 44,
      before: { label: "2026-10-31", value: null, change: null },
    });
  });
  test("has no change where it is nothing now", () => {
    const comparison = { metrics: [44, 9], dimensions: ["2026-10-31"], change: [-44, -100] };
    const [, point] = points(both, [row("2026-11-02", [0, 0], comparison)]);
    expect(point).toEqual({
      label: "2026-11-02",
      value: null,
      before: { label: "2026-10-31", value: 44, change: null },
    });
  });
  test("of 0 is a fact where there were visits", () => {
    expect(points(both, [row("2026-11-02", [0, 9])])[1]?.value).toBe(0);
  });
});
