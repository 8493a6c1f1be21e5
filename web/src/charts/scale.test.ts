// Ticks are round and enough.

import { expect, test } from "vitest";
import { linear, ticksTo } from "./scale";

test.each([
  [0, true, [0, 1]],
  [1, true, [0, 1]],
  [7, true, [0, 2, 4, 6, 8]],
  [9, true, [0, 5, 10]],
  [6_466, true, [0, 2_000, 4_000, 6_000, 8_000]],
  [100, true, [0, 25, 50, 75, 100]],
  [1, false, [0, 0.25, 0.5, 0.75, 1]],
  [0.3, false, [0, 0.1, 0.2, 0.3]],
])("ticks up to %s (whole: %s)", (max, whole, ticks) => {
  expect(ticksTo(max, 4, whole)).toEqual(ticks);
});

test("a scale of nothing is flat, not infinite", () => {
  expect(linear([0, 10], [100, 0])(2.5)).toBe(75);
  expect(linear([3, 3], [0, 50])(3)).toBe(0);
});
