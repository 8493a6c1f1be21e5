// Days of the fan chart, and what the table of models says about those that were never tested.

import "../../dev/messages";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { type Anomalies, type Forecast, predictions } from "../api/predictions";
import { List } from "./Anomalies";
import { daysOf, expectedSum, highest, sumBefore } from "./days";
import { ModelTable } from "./ModelTable";
import { Told } from "./Trend";

const outlook = (day: string, expected: number) => ({
  day,
  expected,
  low_80: expected - 1,
  high_80: expected + 1,
  low_95: expected - 2,
  high_95: expected + 2,
});

const forecast = (values: (number | null)[]): Forecast => ({
  made_with: { version: 1, recipe: "ensemble" },
  champion: null,
  weights: {},
  history: values.map((value, index) => ({ day: `2026-11-0${index + 1}`, value })),
  forecast: [outlook("2026-11-05", 20), outlook("2026-11-06", 30)],
  messages: [],
});

describe("days of the chart", () => {
  test("are the last of history, then what is expected", () => {
    const days = daysOf(forecast([1, 2, null, 4]), 2);
    expect(days.map(({ day, value, outlook: own }) => [day, value, own?.expected ?? null])).toEqual(
      [
        ["2026-11-03", null, null],
        ["2026-11-04", 4, null],
        ["2026-11-05", null, 20],
        ["2026-11-06", null, 30],
      ],
    );
    expect(highest(days)).toBe(32);
  });
  test("are compared with as many days before, all of them measured", () => {
    expect(expectedSum(forecast([1]))).toBe(50);
    expect(sumBefore(forecast([9, 3, 4]))).toBe(7);
    expect(sumBefore(forecast([9, null, 4]))).toBeNull();
    expect(sumBefore(forecast([4]))).toBeNull();
  });
});

/** What a backtest says of a model that lost so much. */
const tested = (recipe: string, pinball: number) => ({
  recipe,
  wmape: 10,
  accuracy: 90,
  mase: null,
  pinball,
  coverage_80: 80,
  coverage_95: 95,
});

test("models stand in the order of their weights, the mean of all first", () => {
  const html = renderToStaticMarkup(
    <ModelTable
      weights={{ ets: 0.5, theta: 1.5 }}
      figures={[tested("theta", 1.5), tested("ensemble", 1.5)]}
      champion="theta"
      absent="24 days are too few"
    />,
  );
  expect(html).toContain("LSTM: 24 days are too few");
  expect(html.match(/1\.50/g)).toHaveLength(2);
  const order = ["All together", "Theta", "best alone", "Exponential smoothing"];
  const places = order.map((text) => html.indexOf(text));
  expect(places.every((place) => place >= 0)).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(html.match(/[\d.]+%(?=<\/span>)/g)).toEqual(["75%", "25%"]);
});

test("the best model is the one that lost least, whichever serves", () => {
  const html = renderToStaticMarkup(
    <ModelTable
      weights={{ lstm: 1 }}
      figures={[tested("lstm", 9), tested("ensemble", 1), tested("steady", 2)]}
      champion="lstm"
    />,
  );
  expect(html.split("best alone")).toHaveLength(2);
  const [before] = html.split("best alone");
  expect(before?.lastIndexOf("Steady calendar")).toBeGreaterThan(before?.lastIndexOf("LSTM") ?? 0);
});

test("filters travel in the address as JSON", async () => {
  const asked: string[] = [];
  const before = globalThis.fetch;
  globalThis.fetch = async (url) => {
    asked.push(String(url));
    return new Response("{}");
  };
  try {
    const filters = [["is", "visit:source", ["A&B"]]] as const;
    await predictions.forecast(
      { site_id: "1", metric: "visits", filters: filters.map(([a, b, c]) => [a, b, [...c]]) },
      14,
    );
    const params = new URL(asked[0] ?? "", "http://almanac.example").searchParams;
    expect(Object.fromEntries(params)).toEqual({
      site_id: "1",
      metric: "visits",
      days: "14",
      filters: JSON.stringify(filters),
    });
  } finally {
    globalThis.fetch = before;
  }
});

test("a training is asked for with the recipe that shall serve, or with none", async () => {
  const asked: unknown[] = [];
  const before = globalThis.fetch;
  globalThis.fetch = async (_, init) => {
    asked.push(JSON.parse(String(init?.body)));
    return new Response("{}");
  };
  try {
    const series = { site_id: "1", metric: "visits" as const, filters: [] };
    await predictions.retrain(series, "lstm");
    await predictions.retrain(series);
    expect(asked).toEqual([{ ...series, recipe: "lstm" }, series]);
  } finally {
    globalThis.fetch = before;
  }
});

test("a trend is told only where it is one, and a week day by day", () => {
  const trend = {
    per_day: 3.24,
    per_day_low: 1.1,
    per_day_high: 5,
    is_significant: true,
    days: 90,
  };
  const week = { effects: [10, 8, 5, 2, 0, -12, -13], strength: 0.742 };
  const told = (clear: boolean) =>
    renderToStaticMarkup(
      <Told found={{ trend: { ...trend, is_significant: clear }, week, messages: [] }} />,
    );
  for (const part of ["+3.2 a day", "+1.1 – +5 a day, over 90 days", "74%", "Sun", "-13"])
    expect(told(true)).toContain(part);
  expect(told(false)).toContain("No clear trend");
  const early = { trend: null, week: null, messages: ["only 3 complete days were measured"] };
  expect(renderToStaticMarkup(<Told found={early} />)).toContain("Only 3 complete days");
});

describe("anomalies", () => {
  const series = { site_id: "1", metric: "visitors", filters: [] } as const;
  const shown = (found: Partial<Anomalies>) =>
    renderToStaticMarkup(
      <List
        found={{ anomalies: [], level_changes: [], messages: [], ...found }}
        series={{ ...series, filters: [] }}
        zone="UTC"
      />,
    );
  test("are told with what was expected and where they come from", () => {
    const html = shown({
      anomalies: [
        {
          start: "2026-11-03T09:00:00Z",
          end: "2026-11-03T11:00:00Z",
          kind: "rise",
          severity: "severe",
          score: 0.8,
          value: 412,
          expected_low: 90.4,
          expected_high: 171,
          level_shift: true,
          contributions: [
            {
              dimension: "visit:source",
              values: [{ value: "Google", before: 1, during: 301, share: 0.93 }],
            },
          ],
        },
      ],
      level_changes: [{ day: "2026-10-01", before: 100, after: 250 }],
    });
    for (const part of ["Rise", "412 where 90 – 171 was expected", "stayed", "Google 93", "250"])
      expect(html).toContain(part);
  });
  test("are none, or it is too early to tell, with the reason", () => {
    expect(shown({})).toContain("Nothing strange");
    const early = shown({ messages: ["only 5 complete hours were measured"] });
    expect(early).toContain("Too early");
    expect(early).toContain("Only 5 complete hours");
  });
});
