// The metrics of totals rows: their order, and which way is good.

import type { Metric } from "../api/types";

export const CHART_METRICS = [
  "visitors",
  "visits",
  "pageviews",
  "views_per_visit",
  "bounce_rate",
  "visit_duration",
] as const satisfies readonly Metric[];

export type ChartMetric = (typeof CHART_METRICS)[number];

export const DEFAULT_METRIC: ChartMetric = "visitors";

export const isChartMetric = (text: string | null): text is ChartMetric =>
  CHART_METRICS.some((metric) => metric === text);

const FALL_IS_GOOD: ReadonlySet<Metric> = new Set<Metric>([
  "bounce_rate",
  "errors",
  "duration_p50_ms",
  "duration_p95_ms",
  "cost_usd",
]);

/** Whether less of it is better. */
export const fallIsGood = (metric: Metric): boolean => FALL_IS_GOOD.has(metric);

const SHARES: ReadonlySet<Metric> = new Set<Metric>([
  "bounce_rate",
  "percentage",
  "conversion_rate",
  "success_rate",
  "cache_hit_rate",
]);

/** Whether it is a percentage from 0 to 100, so that it changes by points, not by percent. */
export const isShare = (metric: Metric): boolean => SHARES.has(metric);

/** Ratios and times: without anything behind them they are nothing, not 0. */
const OF_SOMETHING: ReadonlySet<Metric> = new Set<Metric>([
  ...SHARES,
  "views_per_visit",
  "visit_duration",
  "duration_p50_ms",
  "duration_p95_ms",
]);

/** Whether nothing at all is 0 of it. */
export const isCount = (metric: Metric | undefined): boolean =>
  metric !== undefined && !OF_SOMETHING.has(metric);

const OF_VISITS: ReadonlySet<Metric> = new Set<Metric>([
  "bounce_rate",
  "visit_duration",
  "views_per_visit",
]);

/** Whether it is a mean or a share of visits, so that their number tells whether it is anything. */
export const isOfVisits = (metric: Metric): boolean => OF_VISITS.has(metric);

const FRACTIONS: ReadonlySet<Metric> = new Set<Metric>([
  "views_per_visit",
  "cost_usd",
  "duration_p50_ms",
  "duration_p95_ms",
]);

/** Whether half of one cannot be, so that an axis has no half steps. */
export const isWhole = (metric: Metric): boolean => !FRACTIONS.has(metric);
