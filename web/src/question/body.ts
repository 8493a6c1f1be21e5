// Builds the bodies of `POST /api/v2/query` from the reader's question: the only place that knows
// both. Pure: today's date comes in, nothing is fetched.

import type { ApiFilter, Comparisons, Metric, QueryBody } from "../api/types";
import type { LocalDate } from "./dates";
import { apiFilter } from "./filters";
import { intervalFor } from "./interval";
import { CHART_METRICS, isOfVisits } from "./metrics";
import { dateRangeOf, daysIn } from "./period";
import type { Question } from "./url";

export interface Subject {
  site: string;
  question: Question;
  today: LocalDate;
}

export interface Breakdown {
  dimension: string;
  metrics: Metric[];
  limit: number;
  offset?: number;
  /** Only values that contain this text, whatever their case. */
  search?: string;
  /** What the panel itself leaves out, beside the reader's filters. */
  filter?: ApiFilter;
  orderBy?: [string, "asc" | "desc"];
}

/** What a card shows over time. */
export interface Measured {
  metrics: readonly Metric[];
  /** What the card itself leaves out, beside the reader's filters. */
  filter?: ApiFilter;
}

const OVERVIEW: Measured = { metrics: CHART_METRICS };

export function totalsBody(subject: Subject, { metrics, filter }: Measured = OVERVIEW): QueryBody {
  return {
    ...base(subject, filter),
    metrics: [...metrics],
    ...included(comparisonsOf(subject)),
  };
}

/** What is asked to chart a metric: a ratio of visits comes with their number, its meaning. */
export const seriesMetrics = (metric: Metric): Metric[] =>
  isOfVisits(metric) ? [metric, "visits"] : [metric];

/** The metric over time; of several the first. */
export function seriesBody(
  subject: Subject,
  { metrics: [metric], filter }: Measured = { metrics: [subject.question.metric] },
): QueryBody {
  const { question, today } = subject;
  const interval = intervalFor(daysIn(question.period, today), question.interval);
  const comparisons = comparisonsOf(subject);
  return {
    ...base(subject, filter),
    metrics: seriesMetrics(metric ?? question.metric),
    dimensions: [`time:${interval}`],
    include: { time_labels: true, ...(comparisons && { comparisons }) },
  };
}

export function breakdownBody(subject: Subject, breakdown: Breakdown): QueryBody {
  const { dimension, filter } = breakdown;
  const search = breakdown.search?.trim();
  const found: ApiFilter | undefined = search
    ? ["contains", dimension, [search], { case_sensitive: false }]
    : undefined;
  return {
    ...base(subject, filter, found),
    metrics: breakdown.metrics,
    dimensions: [dimension],
    ...(breakdown.orderBy && { order_by: [breakdown.orderBy] }),
    include: { total_rows: true },
    pagination: { limit: breakdown.limit, offset: breakdown.offset ?? 0 },
  };
}

/** What every question has: the project, the time, the reader's filters and the card's own. */
export function base(
  { site, question, today }: Subject,
  ...own: (ApiFilter | undefined)[]
): Pick<QueryBody, "site_id" | "date_range" | "filters" | "traffic"> {
  const added = own.filter((filter) => filter !== undefined);
  const filters = [...question.filters.map(apiFilter), ...added];
  return {
    site_id: site,
    date_range: dateRangeOf(question.period, today),
    ...(filters.length > 0 && { filters }),
    ...(question.bots && { traffic: "bots" }),
  };
}

/** All time has nothing before it to compare with. */
function comparisonsOf({ question }: Subject): Comparisons | null {
  const { compare, matchWeekday, period } = question;
  if (compare === "off" || (period.kind === "preset" && period.preset === "all")) return null;
  return { mode: compare, ...(matchWeekday && { match_day_of_week: true }) };
}

const included = (comparisons: Comparisons | null) => comparisons && { include: { comparisons } };
