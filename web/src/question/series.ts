// Turns the answer to a series question into points, one per time label, gaps filled.

import type { Metric, QueryAnswer, RowComparison } from "../api/types";
import { isCount } from "./metrics";
import { meant } from "./ratios";

export interface Before {
  label: string;
  value: number | null;
  /** As the API rounds it: percent, of a share points; null where it has none. */
  change: number | null;
}

export interface Point {
  label: string;
  /** null where the metric has no meaning, such as a duration of no calls. */
  value: number | null;
  /** The same bucket of the comparison period, where there is one. */
  before: Before | null;
}

/**
 * The first of `metrics` over time. Labels of the answer give the buckets, those of the other time
 * by their place; a bucket without a row counted nothing, in either time.
 */
export function pointsOf(answer: QueryAnswer, metrics: readonly Metric[]): Point[] {
  const rows = new Map(answer.results.map((row) => [row.dimensions[0] ?? "", row]));
  const labels = answer.meta.time_labels ?? [...rows.keys()];
  const otherLabels = answer.meta.comparison_time_labels ?? [];
  const nothing = isCount(metrics[0]) ? 0 : null;
  return labels.map((label, index) => {
    const row = rows.get(label);
    const other = otherLabels[index];
    const before = row?.comparison && beforeOf(row.comparison, metrics);
    const value = row ? (meant(metrics, row.metrics)[0] ?? null) : nothing;
    if (before) {
      return { label, value, before: value === null ? { ...before, change: null } : before };
    }
    const empty = other ? { label: other, value: nothing, change: nothing } : null;
    return { label, value, before: row ? null : empty };
  });
}

function beforeOf(
  { dimensions, metrics: values, change }: RowComparison,
  metrics: readonly Metric[],
): Before | null {
  const label = dimensions[0];
  const value = meant(metrics, values)[0] ?? null;
  return label ? { label, value, change: value === null ? null : (change[0] ?? null) } : null;
}
