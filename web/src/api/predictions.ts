// The shapes of forecasts, of how well they did and of the trainings behind them, and their endpoints.

import { request } from "./client";
import type { ApiFilter, Metric } from "./types";

/** What is forecast: a metric of a project under filters, by day. */
export interface Series {
  site_id: string;
  metric: Metric;
  filters: ApiFilter[];
}

/** What is expected of one day, with the intervals that hold 80 and 95 of 100 values. */
export interface Outlook {
  day: string;
  expected: number;
  low_80: number;
  high_80: number;
  low_95: number;
  high_95: number;
}

export interface Forecast {
  /** `version` null: made without a training. */
  made_with: { version: number | null; recipe: string };
  /** The single model that erred least; null where none could be tested. */
  champion: string | null;
  /** The say of each model, on average 1. */
  weights: Record<string, number>;
  history: { day: string; value: number | null }[];
  forecast: Outlook[];
  /** What a reader should know about it. */
  messages: string[];
}

/** How a recipe did at past origins; percentages where not said otherwise. */
export interface Figures {
  recipe: string;
  wmape: number | null;
  accuracy: number | null;
  /** Error in units of "the same as a week before". */
  mase: number | null;
  /** Mean pinball loss, in units of the metric: what decides which recipe serves. */
  pinball: number;
  coverage_80: number;
  coverage_95: number;
}

export interface Training {
  version: number;
  outcome: "done" | "failed" | "cancelled";
  serves: boolean;
  finished_at: string;
  duration_ms: number;
  recipe: string;
  report: { figures?: Figures[]; error?: string; network?: { tried: NetworkTrial | null } } | null;
}

/** How the network learnt before it was tried, or why it could not be. */
export interface NetworkTrial {
  absent?: string;
  epochs?: number;
}

export interface Accuracy {
  days: (Outlook & { made_on: string; actual: number })[];
  accuracy: number | null;
  wmape: number | null;
  coverage_80: number | null;
  coverage_95: number | null;
  /** The training that serves, with its figures. */
  backtest: Training | null;
}

export type TrainingState =
  | { state: "idle" }
  | { state: "waiting"; before_it: number }
  | { state: "running"; steps_done: number; steps: number };

export interface Anomaly {
  start: string;
  /** The end of its last hour or day. */
  end: string;
  kind: "rise" | "drop" | "pattern" | "missing";
  severity: "notable" | "severe";
  score: number;
  /** Null for missing data. */
  value: number | null;
  expected_low: number;
  expected_high: number;
  /** Whether it lasted long enough to be a new level. */
  level_shift: boolean;
  contributions: {
    dimension: string;
    /** `share` of the whole change against the week before. */
    values: { value: string; before: number; during: number; share: number }[];
  }[];
}

export interface Anomalies {
  anomalies: Anomaly[];
  level_changes: { day: string; before: number; after: number }[];
  messages: string[];
}

export interface Trend {
  /** Null: too few days. */
  trend: {
    per_day: number;
    per_day_low: number;
    per_day_high: number;
    is_significant: boolean;
    days: number;
  } | null;
  /** Usual distance of Monday to Sunday from the level, and the share of variation it explains. */
  week: { effects: number[]; strength: number } | null;
  messages: string[];
}

export interface Holidays {
  /** ISO 3166; null: none was chosen. */
  country: string | null;
  countries: { code: string; name: string }[];
}

export interface Trainings {
  now: TrainingState;
  trainings: Training[];
}

function path(name: string, { site_id, metric, filters }: Series, more?: Record<string, string>) {
  const asked = new URLSearchParams({ site_id, metric, ...more });
  if (filters.length > 0) asked.set("filters", JSON.stringify(filters));
  return `/api/predictions/${name}?${asked}`;
}

export const predictions = {
  forecast: (series: Series, days: number, signal?: AbortSignal) =>
    request<Forecast>("GET", path("forecast", series, { days: String(days) }), undefined, signal),
  accuracy: (series: Series, signal?: AbortSignal) =>
    request<Accuracy>("GET", path("accuracy", series), undefined, signal),
  trainings: (series: Series, signal?: AbortSignal) =>
    request<Trainings>("GET", path("trainings", series), undefined, signal),
  anomalies: (series: Series, interval: "hour" | "day", signal?: AbortSignal) =>
    request<Anomalies>("GET", path("anomalies", series, { interval }), undefined, signal),
  trend: (series: Series, signal?: AbortSignal) =>
    request<Trend>("GET", path("trend", series), undefined, signal),
  holidays: (site_id: string, signal?: AbortSignal) =>
    request<Holidays>(
      "GET",
      `/api/predictions/holidays?${new URLSearchParams({ site_id })}`,
      undefined,
      signal,
    ),
  chooseHolidays: (site_id: string, country: string | null) =>
    request<Holidays>("PUT", "/api/predictions/holidays", { site_id, country }),
  /** Without a recipe the rule of promotion decides which one serves. */
  retrain: (series: Series, recipe?: string) =>
    request<unknown>("POST", "/api/predictions/retrain", { ...series, recipe }),
  cancel: (series: Series) => request<void>("POST", "/api/predictions/cancel", series),
  serve: (series: Series, version: number) =>
    request<void>("POST", `/api/predictions/trainings/${version}/serve`, series),
};
