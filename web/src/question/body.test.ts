// Questions of the API, built from addresses of the dashboard.

import { describe, expect, test } from "vitest";
import { CALLS } from "../calls/catalogue";
import { breakdownBody, seriesBody, totalsBody } from "./body";
import { parseQuestion } from "./url";

const subject = (search: string) => ({
  site: "1",
  today: "2026-11-21",
  question: parseQuestion(new URLSearchParams(search)),
});

test("totals ask for every metric of the row, with the comparison", () => {
  expect(totalsBody(subject("f=is,visit:country,DE&match=weekday"))).toEqual({
    site_id: "1",
    date_range: "28d",
    filters: [["is", "visit:country", ["DE"]]],
    metrics: [
      "visitors",
      "visits",
      "pageviews",
      "views_per_visit",
      "bounce_rate",
      "visit_duration",
    ],
    include: { comparisons: { mode: "previous_period", match_day_of_week: true } },
  });
});

describe("the series", () => {
  test("is cut into the range's own interval", () => {
    expect(seriesBody(subject("period=day&compare=off"))).toEqual({
      site_id: "1",
      date_range: "day",
      metrics: ["visitors"],
      dimensions: ["time:hour"],
      include: { time_labels: true },
    });
  });
  test("of a ratio comes with what it is a ratio of", () => {
    expect(seriesBody(subject("metric=bounce_rate")).metrics).toEqual(["bounce_rate", "visits"]);
  });
  test("of all time is not compared with anything", () => {
    expect(seriesBody(subject("period=all")).include).toEqual({ time_labels: true });
  });
});

test("a breakdown adds its search and its own filter to the reader's", () => {
  const body = breakdownBody(subject("f=is_not,event:page,/"), {
    dimension: "event:name",
    metrics: ["visitors"],
    limit: 9,
    search: " buy ",
    filter: ["is_not", "event:name", ["pageview"]],
  });
  expect(body.filters).toEqual([
    ["is_not", "event:page", ["/"]],
    ["is_not", "event:name", ["pageview"]],
    ["contains", "event:name", ["buy"], { case_sensitive: false }],
  ]);
  expect(body.pagination).toEqual({ limit: 9, offset: 0 });
});

test("calls of tools are asked for with their own metrics and beside the reader's filters", () => {
  const body = totalsBody(subject("f=is,event:tool,search&compare=off"), CALLS.tools);
  expect(body.metrics).toEqual(CALLS.tools.metrics);
  expect(body.filters).toEqual([
    ["is", "event:tool", ["search"]],
    ["is_not", "event:tool", [""]],
  ]);
});
