// Answers `POST /api/v2/query` from the made-up data, in the shape of the real one.

import type {
  ApiFilter,
  Comparisons,
  Metric,
  QueryAnswer,
  QueryBody,
  QueryRow,
} from "../src/api/types";
import {
  addDays,
  addMonths,
  daysBetween,
  type LocalDate,
  monthStart,
  todayIn,
  weekday,
} from "../src/question/dates";
import { isShare } from "../src/question/metrics";
import { datesOf, isPreset } from "../src/question/period";
import { datesFrom, dayVisitors, hourVisitors, noise, PROJECTS, VALUES } from "./mock-data";

type Range = [LocalDate, LocalDate];

export function answer(body: QueryBody, now: Date): QueryAnswer {
  const project = PROJECTS.find((p) => p.id === body.site_id);
  const today = todayIn(project?.time_zone ?? "UTC", now);
  const range = rangeOf(body.date_range, today);
  const scale = (body.filters ?? []).reduce((share, filter) => share * shareOf(filter), 1);
  const dimension = body.dimensions?.[0];
  const hour = now.getUTCHours();
  const ask = { body, site: body.site_id, range, scale, today, hour };
  const comparison = body.include?.comparisons;
  const before = comparison ? { ...ask, ...earlier(range, comparison, today) } : null;
  let results: QueryRow[];
  let labels: string[] | undefined;
  let total = 1;
  if (dimension?.startsWith("time:")) {
    // As the real answer does: buckets that lie ahead are not named.
    const latest = `${today} ${String(hour).padStart(2, "0")}:59:59`;
    labels = labelsOf(dimension.slice(5), range).filter((label) => label <= latest);
    results = timeRows(ask, dimension.slice(5));
    const old = before ? timeRows(before, dimension.slice(5)) : [];
    results = results.map((row, i) => withComparison(row, old[i], body.metrics));
  } else if (dimension) {
    const all = valueRows(ask, dimension);
    total = all.length;
    const { limit, offset } = body.pagination ?? { limit: 10_000, offset: 0 };
    results = all.slice(offset, offset + limit);
  } else {
    const visitors = sum(ask);
    const row = {
      dimensions: [],
      metrics: body.metrics.map((m) => metric(m, visitors, "total", 100)),
    };
    const old = before && sum(before);
    results = [
      withComparison(
        row,
        old === null
          ? undefined
          : { dimensions: [], metrics: body.metrics.map((m) => metric(m, old, "before", 100)) },
        body.metrics,
      ),
    ];
  }
  return {
    results,
    meta: {
      ...(labels && { time_labels: labels }),
      total_rows: total,
      visitors_are: range[0] === range[1] ? "exact" : "daily_sum",
    },
    query: {
      date_range: ends(range),
      ...(before && {
        include: { comparisons: { date_range: comparison?.date_range ?? ends(before.range) } },
      }),
    },
  };
}

type Ask = {
  body: QueryBody;
  site: string;
  range: Range;
  scale: number;
  today: LocalDate;
  hour: number;
};

const ends = ([from, to]: Range): [string, string] => [
  `${from}T00:00:00+01:00`,
  `${to}T23:59:59+01:00`,
];

function rangeOf(wanted: QueryBody["date_range"], today: LocalDate): Range {
  if (Array.isArray(wanted)) return wanted;
  const preset = isPreset(wanted) ? wanted : "28d";
  return datesOf({ kind: "preset", preset }, today) ?? [addDays(today, -430), today];
}

/** The other time; one cut off at a time of day has that day as its own today. */
function earlier([from, to]: Range, comparison: Comparisons, today: LocalDate) {
  const { mode, date_range: own } = comparison;
  if (own) {
    const range: Range = [own[0].slice(0, 10), own[1].slice(0, 10)];
    return own[1].length > 10 ? { range, today: range[1] } : { range };
  }
  const days = daysBetween(from, to);
  const moved = (date: LocalDate) =>
    mode === "year_over_year" ? addMonths(date, -12) : addDays(date, -days);
  return { range: [moved(from), moved(to)] as Range, today };
}

function shareOf(filter: ApiFilter): number {
  const [op, dimension, values] = filter;
  if (op === "and" || op === "or" || op === "not") return 1;
  if (!Array.isArray(values) || op === "contains" || op === "contains_not") return 1;
  const shares = (VALUES[String(dimension)] ?? []).filter(([value]) =>
    (values as string[]).includes(value),
  );
  const share = shares.reduce((total, [, n]) => total + n, 0) / 100;
  return op === "is" ? Math.max(0.02, share) : dimension === "event:name" ? 1 : 1 - share;
}

function onDay({ site, scale, today, hour }: Ask, date: LocalDate): number {
  if (date > today) return 0;
  const part = date === today ? (hour + 1) / 24 : 1;
  return Math.round(dayVisitors(site, date) * scale * part);
}

const sum = (ask: Ask) =>
  datesFrom(...ask.range).reduce((total, date) => total + onDay(ask, date), 0);

function bucketOf(unit: string, date: LocalDate): string {
  if (unit === "week") return addDays(date, -weekday(date));
  return unit === "month" ? monthStart(date) : date;
}

function labelsOf(unit: string, [from, to]: Range): string[] {
  const dates = datesFrom(from, to);
  const two = (n: number) => String(n).padStart(2, "0");
  if (unit === "hour" || unit === "minute") {
    const minutes = unit === "hour" ? ["00"] : Array.from({ length: 60 }, (_, m) => two(m));
    return dates.flatMap((date) =>
      Array.from({ length: 24 }, (_, h) => minutes.map((m) => `${date} ${two(h)}:${m}:00`)).flat(),
    );
  }
  return [...new Set(dates.map((date) => bucketOf(unit, date)))];
}

function timeRows(ask: Ask, unit: string): QueryRow[] {
  return labelsOf(unit, ask.range).map((label) => {
    const [date = "", clock] = label.split(" ");
    const visitors = clock
      ? date === ask.today && Number(clock.slice(0, 2)) > ask.hour
        ? 0
        : Math.round(
            (hourVisitors(ask.site, date, Number(clock.slice(0, 2))) * ask.scale) /
              (unit === "minute" ? 60 : 1),
          )
      : datesFrom(...ask.range)
          .filter((day) => bucketOf(unit, day) === label)
          .reduce((total, day) => total + onDay(ask, day), 0);
    return {
      dimensions: [label],
      metrics: ask.body.metrics.map((m) => metric(m, visitors, label, 100)),
    };
  });
}

function valueRows(ask: Ask, dimension: string): QueryRow[] {
  const total = sum(ask);
  const filters = ask.body.filters ?? [];
  const search = filters.find(([op, name]) => op === "contains" && name === dimension);
  const wanted = Array.isArray(search?.[2]) ? String(search[2][0]).toLowerCase() : "";
  const only = filters.find(([op, name]) => op === "is" && name === dimension)?.[2];
  const not = filters.find(([op, name]) => op === "is_not" && name === dimension)?.[2];
  const rows = (VALUES[dimension] ?? [])
    .filter(([value]) => value.toLowerCase().includes(wanted))
    .filter(([value]) => !Array.isArray(only) || only.includes(value as never))
    .filter(([value]) => !Array.isArray(not) || !not.includes(value as never))
    .map(([value, weight]): QueryRow => {
      const share = Array.isArray(only) ? 100 : weight;
      const visitors = Math.round((total * share) / 100);
      return {
        dimensions: [value],
        metrics: ask.body.metrics.map((m) => metric(m, visitors, value, share)),
      };
    })
    .filter((row) => (row.metrics[0] ?? 0) > 0);
  const [by = ask.body.metrics[0], direction = "desc"] = ask.body.order_by?.[0] ?? [];
  const index = Math.max(0, ask.body.metrics.indexOf(by as Metric));
  const sign = direction === "desc" ? -1 : 1;
  return rows.sort((a, b) => sign * ((a.metrics[index] ?? 0) - (b.metrics[index] ?? 0)));
}

function metric(name: Metric, visitors: number, seed: string, share: number): number {
  const wobble = noise(name + seed);
  switch (name) {
    case "visitors":
      return visitors;
    case "visits":
      return Math.round(visitors * (1.16 + 0.05 * wobble));
    case "pageviews":
      return Math.round(visitors * (2.9 + 0.4 * wobble));
    case "events":
      return Math.round(visitors * (1.2 + 0.8 * wobble));
    case "views_per_visit":
      return Math.round((2.4 + 0.4 * wobble) * 100) / 100;
    case "bounce_rate":
      return Math.round(38 + 14 * wobble);
    case "visit_duration":
      return Math.round(118 + 80 * wobble);
    case "percentage":
      return Math.round(share * 10) / 10;
    case "conversion_rate":
      return Math.round(share * 10) / 10;
    case "calls":
      return Math.round(visitors * (5.1 + wobble));
    case "errors":
      return Math.round(visitors * (0.08 + 0.1 * wobble));
    case "success_rate":
      return Math.round((97.2 + 2 * wobble) * 10) / 10;
    case "cache_hit_rate":
      return Math.round((41 + 20 * wobble) * 10) / 10;
    case "duration_p50_ms":
      return Math.round(180 + 240 * noise(`p${seed}`));
    case "duration_p95_ms":
      return Math.round(900 + 2400 * noise(`p${seed}`));
    case "input_tokens":
      return Math.round(visitors * (4_200 + 900 * wobble));
    case "output_tokens":
      return Math.round(visitors * (640 + 200 * wobble));
    case "cost_usd":
      return Math.round(visitors * (1.2 + 0.4 * wobble)) / 100;
  }
}

function withComparison(
  row: QueryRow,
  old: QueryRow | undefined,
  metrics: readonly Metric[],
): QueryRow {
  if (!old) return row;
  const change = row.metrics.map((now, i) => {
    const then = old.metrics[i];
    if (now === null || then === null || then === undefined) return null;
    if (isShare(metrics[i] ?? "visitors")) return Math.round((now - then) * 10) / 10;
    if (then === 0) return now === 0 ? 0 : 100;
    return Math.round(((now - then) / then) * 100);
  });
  return { ...row, comparison: { dimensions: old.dimensions, metrics: old.metrics, change } };
}
