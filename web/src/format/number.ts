// Numbers as text, in the reader's language: short in the totals, whole in tooltips and tables.

import type { Metric } from "../api/types";
import { isShare } from "../question/metrics";

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

const dollars = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 2,
});
const cents = new Intl.NumberFormat(undefined, {
  style: "currency",
  currency: "USD",
  maximumSignificantDigits: 2,
});

const COMPACT_FROM = 10_000;
/** A change beyond this many percent is told as a bound: its digits mean nothing. */
const CHANGE_SHOWN_MAX = 9_999;

export const formatCount = (value: number): string => whole.format(value);

export const formatShort = (value: number): string =>
  Math.abs(value) >= COMPACT_FROM ? compact.format(value) : whole.format(value);

export const formatPercent = (value: number): string => percent.format(value / 100);

/** `1h 04m`, `3m 20s`, `42s`. */
export function formatDuration(seconds: number): string {
  const total = Math.round(seconds);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  if (h > 0) return `${h}h ${two(m)}m`;
  return m > 0 ? `${m}m ${two(s)}s` : `${s}s`;
}

/** `840 ms`, `1.25 s`, `2m 05s`. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${decimals.format(ms)} ms`;
  if (ms < 1_000) return `${whole.format(ms)} ms`;
  return ms < 60_000 ? `${decimals.format(ms / 1_000)} s` : formatDuration(ms / 1_000);
}

/** US dollars; amounts under a dollar keep two significant digits. */
export function formatCost(usd: number): string {
  return usd !== 0 && Math.abs(usd) < 1 ? cents.format(usd) : dollars.format(usd);
}

export function formatMetric(metric: Metric, value: number | null, short = false): string {
  if (value === null) return "–";
  if (isShare(metric)) return formatPercent(value);
  if (metric === "duration_p50_ms" || metric === "duration_p95_ms") return formatMs(value);
  if (metric === "cost_usd") return formatCost(value);
  if (metric === "visit_duration") return formatDuration(value);
  if (metric === "views_per_visit") return decimals.format(value);
  return short ? formatShort(value) : formatCount(value);
}

/** `12 %` without its sign: an arrow says which way. */
export function formatChange(change: number): string {
  const size = Math.abs(change);
  if (size > CHANGE_SHOWN_MAX) return `>${formatPercent(CHANGE_SHOWN_MAX)}`;
  return percent.format((size < 10 ? Math.round(size * 10) / 10 : Math.round(size)) / 100);
}

/** A share's change: `12 pp`, percentage points. */
export const formatPoints = (change: number): string =>
  `${decimals.format(Math.round(Math.abs(change) * 10) / 10)} pp`;
