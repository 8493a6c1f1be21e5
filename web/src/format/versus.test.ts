// What numbers are compared with is said, with the time of day where it is not over.

import { expect, test } from "vitest";
import { versus } from "./versus";

test.each<[[string, string], string]>([
  [["2026-11-20T00:00:00+01:00", "2026-11-20T11:19:00+01:00"], "vs yesterday until 11:19 AM"],
  [["2026-11-20T00:00:00+01:00", "2026-11-20T23:59:59+01:00"], "vs yesterday"],
  [
    ["2025-11-21T00:00:00+01:00", "2025-11-21T15:05:00+01:00"],
    "vs Fri, Nov 21, 2025 until 3:05 PM",
  ],
  [
    ["2026-10-11T00:00:00+02:00", "2026-10-31T11:19:00+01:00"],
    "vs Oct 11 – 31, 2026 until 11:19 AM",
  ],
  [["2026-09-26T00:00:00+02:00", "2026-10-23T23:59:59+02:00"], "vs Sep 26 – Oct 23, 2026"],
])("%j is called %s", (range, text) => {
  // Intl puts thin and narrow spaces between the parts.
  expect(versus(range, "2026-11-21").replace(/\s/g, " ")).toBe(text);
});
