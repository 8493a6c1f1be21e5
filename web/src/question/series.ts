// Turns the answer to a series question into points, one per time label, gaps filled.

import type { QueryAnswer } from "../api/types";

export interface Point {
  label: string;
  value: number;
  /** The same bucket of the comparison period, where there is one. */
  before: { label: string; value: number } | null;
}

/** `labels` of the answer give the buckets; a bucket without a row counted nothing. */
export function pointsOf(answer: QueryAnswer): Point[] {
  const rows = new Map(answer.results.map((row) => [row.dimensions[0] ?? "", row]));
  const labels = answer.meta.time_labels ?? [...rows.keys()];
  return labels.map((label) => {
    const row = rows.get(label);
    const comparison = row?.comparison;
    const beforeLabel = comparison?.dimensions[0];
    return {
      label,
      value: row?.metrics[0] ?? 0,
      before: beforeLabel ? { label: beforeLabel, value: comparison?.metrics[0] ?? 0 } : null,
    };
  });
}
