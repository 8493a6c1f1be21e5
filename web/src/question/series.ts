// Turns the answer to a series question into points, one per time label, gaps filled.

import type { QueryAnswer, RowComparison } from "../api/types";

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

/** `labels` of the answer give the buckets; a bucket without a row counted nothing. */
export function pointsOf(answer: QueryAnswer): Point[] {
  const rows = new Map(answer.results.map((row) => [row.dimensions[0] ?? "", row]));
  const labels = answer.meta.time_labels ?? [...rows.keys()];
  return labels.map((label) => {
    const row = rows.get(label);
    const comparison = row?.comparison;
    return {
      label,
      value: row ? (row.metrics[0] ?? null) : 0,
      before: comparison ? beforeOf(comparison) : null,
    };
  });
}

function beforeOf({ dimensions, metrics, change }: RowComparison): Before | null {
  const label = dimensions[0];
  return label ? { label, value: metrics[0] ?? null, change: change[0] ?? null } : null;
}
