// The card with totals above and the chart of the chosen metric below.

import { lazy, Suspense, useState } from "react";
import { useAnswer } from "../api/hooks";
import type { ApiFilter, Metric, QueryAnswer, QueryBody } from "../api/types";
import { TimeChart } from "../charts/TimeChart";
import { formatRange } from "../format/time";
import { versus } from "../format/versus";
import { t } from "../i18n/t";
import { type Measured, seriesBody, seriesMetrics, totalsBody } from "../question/body";
import { addDays, clockIn, monthEnd, todayIn } from "../question/dates";
import { type Interval, intervalFor, intervalsFor, isInterval } from "../question/interval";
import { daysIn, type Period } from "../question/period";
import { pointsOf } from "../question/series";
import { untilNow } from "../question/untilNow";
import { useSubject } from "../state/subject";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { TableToggle } from "../ui/TableToggle";
import { Totals, visitorsAreSums } from "./Totals";

const ChartTable = lazy(() => import("../charts/ChartTable"));

export interface ChartCardProps {
  metrics: readonly Metric[];
  /** The one that is charted. */
  metric: Metric;
  onMetric: (metric: Metric) => void;
  /** What the card leaves out, beside the reader's filters. */
  filter?: ApiFilter;
}

export function ChartCard({ metrics, metric, onMetric, filter }: ChartCardProps) {
  const subject = useSubject();
  const own = filter && { filter };
  const totals = useAnswerSoFar(totalsBody(subject, { metrics, ...own }));
  const [asTable, setAsTable] = useState(false);
  if (totals.isError && !totals.data) {
    return (
      <section className="rounded-2xl border border-line bg-surface shadow-card">
        <Failure error={totals.error} onRetry={() => totals.refetch()} />
      </section>
    );
  }
  return (
    <section
      aria-label={t("overview.chart")}
      className="rounded-2xl border border-line bg-surface shadow-card"
    >
      <Totals
        metrics={metrics}
        metric={metric}
        onMetric={onMetric}
        answer={totals.data}
        stale={totals.isPlaceholderData}
      />
      <div className="px-4 pt-3 pb-4">
        <ChartBar
          asked={totals.data?.query}
          sums={metric === "visitors" && visitorsAreSums(totals.data)}
          asTable={asTable}
          onTable={setAsTable}
        />
        <Series measured={{ metrics: [metric], ...own }} asTable={asTable} />
      </div>
    </section>
  );
}

function ChartBar({
  asked,
  sums,
  asTable,
  onTable,
}: {
  asked: QueryAnswer["query"] | undefined;
  sums: boolean;
  asTable: boolean;
  onTable: (asTable: boolean) => void;
}) {
  const { question, ask, today } = useSubject();
  const days = daysIn(question.period, today);
  const other = asked?.include?.comparisons?.date_range;
  return (
    <div className="mb-2 flex flex-wrap items-center gap-2 text-[13px] text-ink-3 sm:flex-nowrap">
      <span className="min-w-0 max-sm:basis-full sm:truncate">
        {asked && formatRange(asked.date_range[0].slice(0, 10), asked.date_range[1].slice(0, 10))}
        {other && ` ${versus(other, today)}`}
        {sums && ` · ${t("overview.dailySumShort")}`}
      </span>
      <span className="flex-1" />
      <select
        aria-label={t("chart.interval")}
        value={intervalFor(days, question.interval)}
        onChange={(event) =>
          isInterval(event.target.value) && ask({ interval: event.target.value })
        }
        className="h-7 rounded-md bg-surface px-1 text-ink-2 hover:bg-sunken"
      >
        {intervalsFor(days).map((interval) => (
          <option key={interval} value={interval}>
            {t(`interval.${interval}`)}
          </option>
        ))}
      </select>
      <TableToggle on={asTable} onToggle={onTable} />
    </div>
  );
}

function Series({ measured, asTable }: { measured: Measured; asTable: boolean }) {
  const subject = useSubject();
  const { question, today, ask } = subject;
  const series = useAnswerSoFar(seriesBody(subject, measured));
  if (series.isPending) {
    return (
      <Loading>
        <Skeleton className="h-72" />
      </Loading>
    );
  }
  if (series.isError && !series.data) {
    return (
      <div className="h-72">
        <Failure error={series.error} onRetry={() => series.refetch()} />
      </div>
    );
  }
  const metric = measured.metrics[0] ?? question.metric;
  const points = series.data ? pointsOf(series.data, seriesMetrics(metric)) : [];
  if (points.length === 0) {
    return (
      <div className="h-72">
        <Empty title={t("panel.empty")}>{t("panel.emptyHint")}</Empty>
      </div>
    );
  }
  // While the next answer is on its way the old one is drawn, in its own buckets.
  const interval =
    intervalOf(points.map((p) => p.label)) ??
    intervalFor(daysIn(question.period, today), question.interval);
  const shown = { points, metric, interval };
  const drill = (label: string) => {
    const period = drillPeriod(label.slice(0, 10), interval, today);
    if (period) ask({ period, interval: null });
  };
  return (
    <div className={`transition-opacity ${series.isPlaceholderData ? "opacity-60" : ""}`}>
      {asTable ? (
        <Suspense fallback={<Skeleton className="h-72" />}>
          <ChartTable {...shown} />
        </Suspense>
      ) : (
        <TimeChart
          {...shown}
          unfinished={lastDay(points.at(-1)?.label ?? "", interval) >= today}
          onDrill={interval === "minute" || interval === "hour" ? null : drill}
        />
      )}
    </div>
  );
}

/** The answer, compared up to now where the period is not over. */
function useAnswerSoFar(body: QueryBody) {
  const { project, question } = useSubject();
  return useAnswer(body, true, (asked) => {
    const now = new Date();
    const zone = project.time_zone;
    return untilNow(asked, question, { date: todayIn(zone, now), clock: clockIn(zone, now) });
  });
}

/** Which buckets labels name; null where one label alone cannot say. */
function intervalOf(labels: string[]): Interval | null {
  const [first, second] = labels;
  if (!first || !second) return null;
  const stamp = (label: string) =>
    Date.parse(`${label.replace(" ", "T")}${label.length > 10 ? "Z" : ""}`);
  const minutes = (stamp(second) - stamp(first)) / 60_000;
  if (minutes < 60) return "minute";
  if (minutes < 1440) return "hour";
  if (minutes === 1440) return "day";
  return minutes <= 7 * 1440 ? "week" : "month";
}

function lastDay(label: string, interval: Interval): string {
  const date = label.slice(0, 10);
  if (interval === "week") return addDays(date, 6);
  return interval === "month" ? monthEnd(date) : date;
}

function drillPeriod(from: string, interval: Interval, today: string): Period | null {
  const to = lastDay(from, interval);
  return { kind: "custom", from, to: to > today ? today : to };
}
