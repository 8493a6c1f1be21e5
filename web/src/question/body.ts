// Builds the bodies of `POST /api/v2/query` from the reader's question: the only place that knows
// both. Pure: today's date comes in, nothing is fetched.

import type { ApiFilter, Comparisons, Metric, QueryBody } from "../api/types";
import type { LocalDate } from "./dates";
import { apiFilter } from "./filters";
import { intervalFor } from "./interval";
import { CHART_METRICS } from "./metrics";
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

export function totalsBody(subject: Subject): QueryBody {
  return { ...base(subject), metrics: [...CHART_METRICS], ...included(comparisonsOf(subject)) };
}

export function seriesBody(subject: Subject): QueryBody {
  const { question, today } = subject;
  const interval = intervalFor(daysIn(question.period, today), question.interval);
  const comparisons = comparisonsOf(subject);
  return {
    ...base(subject),
    metrics: [question.metric],
    dimensions: [`time:${interval}`],
    include: { time_labels: true, ...(comparisons && { comparisons }) },
  };
}

export function breakdownBody(subject: Subject, breakdown: Breakdown): QueryBody {
  const filters = subject.question.filters.map(apiFilter);
  if (breakdown.filter) filters.push(breakdown.filter);
  const search = breakdown.search?.trim();
  if (search) filters.push(["contains", breakdown.dimension, [search], { case_sensitive: false }]);
  return {
    ...base(subject),
    metrics: breakdown.metrics,
    dimensions: [breakdown.dimension],
    ...(filters.length > 0 && { filters }),
    ...(breakdown.orderBy && { order_by: [breakdown.orderBy] }),
    include: { total_rows: true },
    pagination: { limit: breakdown.limit, offset: breakdown.offset ?? 0 },
  };
}

function base({
  site,
  question,
  today,
}: Subject): Pick<QueryBody, "site_id" | "date_range" | "filters"> {
  const filters = question.filters.map(apiFilter);
  return {
    site_id: site,
    date_range: dateRangeOf(question.period, today),
    ...(filters.length > 0 && { filters }),
  };
}

/** All time has nothing before it to compare with. */
function comparisonsOf({ question }: Subject): Comparisons | null {
  const { compare, matchWeekday, period } = question;
  if (compare === "off" || (period.kind === "preset" && period.preset === "all")) return null;
  return { mode: compare, ...(matchWeekday && { match_day_of_week: true }) };
}

const included = (comparisons: Comparisons | null) => comparisons && { include: { comparisons } };
