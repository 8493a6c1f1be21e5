// A share has one whole on the entire page, and a ratio of nothing is no number.

import { describe, expect, test } from "vitest";
import { meant, sharesOf } from "./ratios";

describe("ratios of visits", () => {
  const row = ["visitors", "visits", "bounce_rate", "visit_duration"] as const;
  const page = ["visitors", "percentage", "bounce_rate", "visit_duration"] as const;

  test("are nothing without visits", () => {
    expect(meant(row, [0, 0, 0, 0])).toEqual([0, 0, null, null]);
  });
  test("are facts with visits, also when they are 0", () => {
    expect(meant(row, [3, 3, 0, 0])).toEqual([3, 3, 0, 0]);
  });
  test("are nothing on a page that no visit began on", () => {
    expect(meant(page, [379, 12.1, 0, 0])).toEqual([379, 12.1, null, null]);
  });
  test.each([
    ["every visit bounced", 100, 0],
    ["no visit bounced", 0, 87],
  ])("are facts on a page where %s", (_, bounces, seconds) => {
    expect(meant(page, [9, 1, bounces, seconds])).toEqual([9, 1, bounces, seconds]);
  });
});

describe("shares", () => {
  const rows = [{ dimensions: ["Signup"], metrics: [49, 73, 60] }];
  const metrics = ["visitors", "percentage", "events"] as const;

  test("are taken of the whole that is given", () => {
    expect(sharesOf(200, metrics, rows)[0]?.metrics).toEqual([49, 24.5, 60]);
  });
  test("are rounded to one decimal", () => {
    expect(sharesOf(147, metrics, rows)[0]?.metrics).toEqual([49, 33.3, 60]);
  });
  test("are not known before the whole is", () => {
    expect(sharesOf(null, metrics, rows)[0]?.metrics).toEqual([49, null, 60]);
  });
  test("that nobody asked for are not added", () => {
    expect(sharesOf(200, ["visitors", "events"], rows)).toEqual(rows);
  });
});
