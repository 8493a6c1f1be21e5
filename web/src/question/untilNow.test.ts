// What is not over is compared up to the same time of day.

import { describe, expect, test } from "vitest";
import { totalsBody } from "./body";
import { untilNow } from "./untilNow";
import { parseQuestion } from "./url";

const NOW = { date: "2026-11-21", clock: "11:19" };

/** What a period of the address is compared with at that moment. */
function compared(search: string, now = NOW) {
  const question = parseQuestion(new URLSearchParams(search));
  const body = totalsBody({ site: "1", today: now.date, question });
  return untilNow(body, question, now).include?.comparisons;
}

describe("an unfinished period", () => {
  test.each([
    ["period=day", "2026-11-20T00:00:00", "2026-11-20T11:19:00"],
    ["period=day&match=weekday", "2026-11-21T00:00:00", "2026-11-21T11:19:00"],
    ["period=day&compare=year_over_year", "2025-11-21T00:00:00", "2025-11-21T11:19:00"],
    [
      "period=day&compare=year_over_year&match=weekday",
      "2025-11-22T00:00:00",
      "2025-11-22T11:19:00",
    ],
    ["period=month", "2026-10-11T00:00:00", "2026-10-31T11:19:00"],
    ["period=month&compare=year_over_year", "2025-11-01T00:00:00", "2025-11-21T11:19:00"],
    ["from=2026-11-15&to=2026-11-21", "2026-11-08T00:00:00", "2026-11-14T11:19:00"],
    ["from=2026-11-20&to=2026-11-23", "2026-11-16T00:00:00", "2026-11-17T11:19:00"],
  ])("%s is compared with %s to %s", (search, from, to) => {
    expect(compared(search)).toEqual({ mode: "custom", date_range: [from, to] });
  });

  test("has at least a minute to be compared with", () => {
    expect(compared("period=day", { date: "2026-11-21", clock: "00:00" })?.date_range).toEqual([
      "2026-11-20T00:00:00",
      "2026-11-20T00:01:00",
    ]);
  });
  test("on a leap day is compared with the last of February", () => {
    const leap = { date: "2028-02-29", clock: "08:00" };
    expect(compared("period=day&compare=year_over_year", leap)?.date_range?.[1]).toBe(
      "2027-02-28T08:00:00",
    );
  });
});

describe("left as it is:", () => {
  test.each([
    ["period=yesterday", { mode: "previous_period" }],
    ["period=28d", { mode: "previous_period" }],
    ["period=24h", { mode: "previous_period" }],
    ["from=2026-11-01&to=2026-11-20", { mode: "previous_period" }],
    ["period=day&compare=off", undefined],
    ["period=all", undefined],
  ])("%s", (search, comparisons) => expect(compared(search)).toEqual(comparisons));
});
