// The metrics of the totals row: their order, how they are written, and which way is good.

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

/** Whether a fall is the good news. */
export const fallIsGood = (metric: Metric): boolean => metric === "bounce_rate";

/** Whether it is a share already, so that it changes by points and not by percent. */
export const isShare = (metric: Metric): boolean =>
  metric === "bounce_rate" || metric === "percentage";
