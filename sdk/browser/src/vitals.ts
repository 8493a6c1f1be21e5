// Owns the web vitals of one page load: TTFB, FCP, LCP, CLS and INP, as `web_vital` events.
// Refuses to judge later views of a single-page application, for which the five are not defined.

import { listen, safely } from "./host";
import {
  INTERACTION_MS_MIN,
  INTERACTIONS_KEPT,
  INTERACTIONS_PER_OUTLIER,
  SHIFT_GAP_MS_MAX,
  SHIFT_WINDOW_MS_MAX,
} from "./limits";
import type { Target } from "./page_api";

/** Up to the first is `good`, above the second is `poor`; milliseconds, CLS without a unit. */
const BOUNDS = {
  TTFB: [800, 1800],
  FCP: [1800, 3000],
  LCP: [2500, 4000],
  CLS: [0.1, 0.25],
  INP: [200, 500],
} as const;

type Vital = keyof typeof BOUNDS;
/** Fields of entries that the compiler's library lacks, or has on types of their own. */
type Entry = PerformanceEntry & {
  value: number;
  hadRecentInput: boolean;
  interactionId: number;
  activationStart: number;
  responseStart: number;
};

/** Measures this page load, and reports it when the page is first hidden. */
export function watchVitals(target: Target): void {
  const url = location.href.replace(/#.*/, "");
  const values: Partial<Record<Vital, number>> = {};
  const layout = layoutShift();
  const interactions = interactionDelay();
  const navigation = performance.getEntriesByType("navigation")[0] as Entry | undefined;
  // A page that was rendered ahead begins for its visitor when it is shown.
  const since = (time: number): number => Math.max(0, time - (navigation?.activationStart || 0));

  observe("paint", ({ name, startTime }) => {
    if (name === "first-contentful-paint") values.FCP = since(startTime);
  });
  observe("largest-contentful-paint", ({ startTime }) => {
    values.LCP = since(startTime);
  });
  observe("layout-shift", (entry) => {
    values.CLS = layout(entry);
  });
  observe("event", (entry) => {
    const delay = interactions(entry);
    if (delay) values.INP = delay;
  });

  let isReported = false;
  listen("visibilitychange", () => {
    if (!document.hidden || isReported) return;
    isReported = true;
    if (navigation) values.TTFB = since(navigation.responseStart);
    // A page on which nothing moved has the best score there is, which is one worth telling.
    values.CLS ??= 0;
    for (const [name, value] of Object.entries(values) as [Vital, number][]) {
      const [good, poor] = BOUNDS[name];
      const rating = value <= good ? "good" : value <= poor ? "needs improvement" : "poor";
      const props = { value: Math.round(value * 1000) / 1000, rating };
      target.track(name, { kind: "web_vital", interactive: false, url, props });
    }
    target.flush?.();
  });
}

/** Calls `see` for past and future entries of a type; does nothing where the browser has none. */
function observe(type: string, see: (entry: Entry) => void): void {
  safely(() =>
    new PerformanceObserver((list) => (list.getEntries() as Entry[]).forEach(see)).observe({
      type,
      buffered: true,
      durationThreshold: INTERACTION_MS_MIN,
    } as PerformanceObserverInit),
  );
}

/** The worst burst of shifts: those less than a second apart, five seconds at most. */
function layoutShift(): (entry: Entry) => number {
  let [first, last, burst, worst] = [0, 0, 0, 0];
  return ({ hadRecentInput, startTime, value }) => {
    if (!hadRecentInput) {
      const continues =
        startTime - last < SHIFT_GAP_MS_MAX && startTime - first < SHIFT_WINDOW_MS_MAX;
      if (!continues) [first, burst] = [startTime, 0];
      last = startTime;
      burst += value;
      worst = Math.max(worst, burst);
    }
    return worst;
  };
}

/** The slowest interaction, ignoring one outlier in fifty. */
function interactionDelay(): (entry: Entry) => number | undefined {
  const slowest = new Map<number, number>();
  const ids = new Set<number>();
  return ({ interactionId, duration }) => {
    if (interactionId) {
      ids.add(interactionId);
      slowest.set(interactionId, Math.max(duration, slowest.get(interactionId) || 0));
    }
    const ordered = [...slowest].sort((a, b) => b[1] - a[1]);
    for (const [id] of ordered.splice(INTERACTIONS_KEPT)) slowest.delete(id);
    const at = Math.min(ordered.length - 1, Math.floor(ids.size / INTERACTIONS_PER_OUTLIER));
    return ordered[at]?.[1];
  };
}
