// How entries of the browser become the five figures; that a browser has them is shown in e2e/.

import { afterEach, expect, test, vi } from "vitest";
import { watchVitals } from "../src/vitals";

type Entry = Record<string, number | string | boolean>;

/** Feeds entries by type, hides the page, and answers with what was reported. */
function report(entries: Record<string, Entry[]>, navigation: Entry = { responseStart: 120 }) {
  vi.stubGlobal(
    "PerformanceObserver",
    class {
      constructor(readonly see: (list: { getEntries(): Entry[] }) => void) {}
      observe({ type }: { type: string }): void {
        if (type === "unknown") throw new TypeError(type);
        this.see({ getEntries: () => entries[type] ?? [] });
      }
    },
  );
  vi.stubGlobal("performance", { getEntriesByType: () => [navigation] });
  const track = vi.fn();
  watchVitals({ track });
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  dispatchEvent(new Event("visibilitychange"));
  dispatchEvent(new Event("visibilitychange"));
  return Object.fromEntries(
    track.mock.calls.map(([name, { props }]) => [name, [props.value, props.rating]]),
  );
}
afterEach(() => vi.unstubAllGlobals());

test("each figure is reported once, when the page is hidden", () => {
  const seen = report({
    paint: [
      { name: "first-paint", startTime: 90 },
      { name: "first-contentful-paint", startTime: 1900.12345 },
    ],
    "largest-contentful-paint": [{ startTime: 2000 }, { startTime: 4100 }],
  });
  expect(seen).toEqual({
    TTFB: [120, "good"],
    FCP: [1900.123, "needs improvement"],
    LCP: [4100, "poor"],
    CLS: [0, "good"],
  });
});

test("a page that was rendered ahead begins when it is shown", () => {
  const seen = report(
    { paint: [{ name: "first-contentful-paint", startTime: 700 }] },
    { responseStart: 100, activationStart: 600 },
  );
  expect([seen.TTFB?.[0], seen.FCP?.[0]]).toEqual([0, 100]);
});

test.each<[string, [number, number, boolean?][], number]>([
  [
    "shifts close together add up",
    [
      [0, 0.1],
      [900, 0.1],
    ],
    0.2,
  ],
  [
    "a pause begins a new burst, and the worst counts",
    [
      [0, 0.2],
      [1500, 0.1],
    ],
    0.2,
  ],
  [
    "a burst ends after five seconds",
    [0, 900, 1800, 2700, 3600, 4500, 5400].map((at) => [at, 0.1]),
    0.6,
  ],
  [
    "a shift after input is expected",
    [
      [0, 0.1, true],
      [10, 0.05],
    ],
    0.05,
  ],
])("%s", (_, shifts, expected) => {
  const entries = shifts.map(([startTime, value, hadRecentInput = false]) => ({
    startTime,
    value,
    hadRecentInput,
  }));
  expect(report({ "layout-shift": entries }).CLS?.[0]).toBeCloseTo(expected);
});

test("the slowest interaction counts, but for one in fifty", () => {
  const slow = (count: number): Entry[] =>
    Array.from({ length: count }, (_, at) => ({ interactionId: at + 1, duration: 1000 - at }));
  expect(report({ event: slow(49) }).INP).toEqual([1000, "poor"]);
  expect(report({ event: slow(50) }).INP).toEqual([999, "poor"]);
  const pointer = [
    { interactionId: 0, duration: 900 },
    { interactionId: 7, duration: 64 },
  ];
  expect(report({ event: pointer }).INP).toEqual([64, "good"]);
});
