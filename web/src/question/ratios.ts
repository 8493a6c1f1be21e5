// What a ratio is a ratio of: shares of one and the same whole, and nothing where a ratio has
// nothing behind it. The API's numbers go in, the numbers to show come out; nothing is fetched.

import type { Metric, QueryRow } from "../api/types";
import { isOfVisits } from "./metrics";

/**
 * The values, with null for ratios of no visits, which the API gives as 0 (rule 18 of
 * docs/semantics.md). Pages count only the visits that began on them (rule 16) and so have ratios
 * of nothing however often they are visited: where visits are not asked for, neither bounces nor
 * any duration means that there were none, since who does not bounce stays for some time.
 */
export function meant(
  metrics: readonly Metric[],
  values: readonly (number | null)[],
): (number | null)[] {
  const of = (metric: Metric) => values[metrics.indexOf(metric)];
  const visits = of("visits");
  const empty =
    visits === undefined ? of("bounce_rate") === 0 && of("visit_duration") === 0 : visits === 0;
  return values.map((value, index) => {
    const metric = metrics[index];
    return empty && metric && isOfVisits(metric) ? null : value;
  });
}

/**
 * The rows, with `percentage` taken of `whole` visitors (null: not known yet). The API takes it of
 * what the row's question looks at, so a card's own filter would make every share larger.
 */
export function sharesOf(
  whole: number | null,
  metrics: readonly Metric[],
  rows: QueryRow[],
): QueryRow[] {
  const share = metrics.indexOf("percentage");
  const visitors = metrics.indexOf("visitors");
  if (share < 0 || visitors < 0) return rows;
  return rows.map((row) => ({
    ...row,
    metrics: row.metrics.with(share, percentOf(row.metrics[visitors] ?? null, whole)),
  }));
}

/** Rounded as the API does (rule 19). */
function percentOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null) return null;
  return whole === 0 ? 0 : Math.round((part * 1000) / whole) / 10;
}
