// The reader's question as URL parameters, both ways. The URL is the only place it is kept, so
// that links can be shared and the back button works. Defaults are left out of it.

import { isLocalDate } from "./dates";
import { type Filter, filterText, parseFilter } from "./filters";
import { type Interval, isInterval } from "./interval";
import { type ChartMetric, DEFAULT_METRIC, isChartMetric } from "./metrics";
import { DEFAULT_PRESET, isPreset, type Period } from "./period";

export const COMPARE_MODES = ["off", "previous_period", "year_over_year"] as const;

export type CompareMode = (typeof COMPARE_MODES)[number];

export interface Question {
  period: Period;
  compare: CompareMode;
  matchWeekday: boolean;
  metric: ChartMetric;
  /** null: the range's own choice. */
  interval: Interval | null;
  filters: Filter[];
  /** About bots, which are kept apart from people. */
  bots: boolean;
}

const DEFAULT_COMPARE: CompareMode = "previous_period";
const FILTERS_MAX = 20;

export function parseQuestion(params: URLSearchParams): Question {
  const compare = COMPARE_MODES.find((mode) => mode === params.get("compare"));
  const metric = params.get("metric");
  const interval = params.get("interval");
  return {
    period: parsePeriod(params),
    compare: compare ?? DEFAULT_COMPARE,
    matchWeekday: params.get("match") === "weekday",
    metric: isChartMetric(metric) ? metric : DEFAULT_METRIC,
    interval: isInterval(interval) ? interval : null,
    filters: params
      .getAll("f")
      .slice(0, FILTERS_MAX)
      .map(parseFilter)
      .filter((filter) => filter !== null),
    bots: params.get("traffic") === "bots",
  };
}

/** Writes the question into the parameters; those it does not own (open tabs) are kept. */
export function writeQuestion(params: URLSearchParams, question: Question): URLSearchParams {
  const next = new URLSearchParams(params);
  const put = (key: string, value: string | null) =>
    value === null ? next.delete(key) : next.set(key, value);
  const { period } = question;
  const preset = period.kind === "preset" ? period.preset : null;
  put("period", preset === DEFAULT_PRESET ? null : preset);
  put("from", period.kind === "custom" ? period.from : null);
  put("to", period.kind === "custom" ? period.to : null);
  put("compare", question.compare === DEFAULT_COMPARE ? null : question.compare);
  put("match", question.matchWeekday ? "weekday" : null);
  put("metric", question.metric === DEFAULT_METRIC ? null : question.metric);
  put("interval", question.interval);
  put("traffic", question.bots ? "bots" : null);
  next.delete("f");
  for (const filter of question.filters) next.append("f", filterText(filter));
  return next;
}

/** Like URLSearchParams' own text, with the characters left readable that a query may contain. */
export function searchText(params: URLSearchParams): string {
  const text = params.toString().replace(/%3A/g, ":").replace(/%2F/g, "/").replace(/%2C/g, ",");
  return text === "" ? "" : `?${text}`;
}

function parsePeriod(params: URLSearchParams): Period {
  const from = params.get("from");
  const to = params.get("to");
  if (isLocalDate(from) && isLocalDate(to) && from <= to) return { kind: "custom", from, to };
  const preset = params.get("period");
  return { kind: "preset", preset: isPreset(preset) ? preset : DEFAULT_PRESET };
}
