// The totals row: six numbers with their change; pressing one puts it on the chart.

import type { Metric, QueryAnswer } from "../api/types";
import { formatCount, formatMetric } from "../format/number";
import { t, tName } from "../i18n/t";
import { meant } from "../question/ratios";
import { useSubject } from "../state/subject";
import { Change } from "../ui/Change";
import { Skeleton } from "../ui/states";

export function visitorsAreSums(answer: QueryAnswer | undefined): boolean {
  return answer?.meta.visitors_are === "daily_sum";
}

export function Totals({
  metrics,
  metric: chosen,
  onMetric,
  answer,
  stale,
}: {
  metrics: readonly Metric[];
  metric: Metric;
  onMetric: (metric: Metric) => void;
  answer: QueryAnswer | undefined;
  stale: boolean;
}) {
  const { question } = useSubject();
  const row = answer?.results[0];
  const values = row ? meant(metrics, row.metrics) : [];
  const others = row?.comparison ? meant(metrics, row.comparison.metrics) : [];
  const compared = question.compare !== "off" && !!row?.comparison;
  return (
    <fieldset
      aria-label={t("overview.totals")}
      className="grid grid-cols-2 border-line border-b sm:grid-cols-3 xl:grid-cols-6"
    >
      {metrics.map((metric, index) => {
        const on = chosen === metric;
        const value = values[index] ?? null;
        const before = others[index] ?? null;
        const isChange = value !== null && before !== null;
        const change = isChange ? (row?.comparison?.change[index] ?? null) : null;
        const sums = metric === "visitors" && visitorsAreSums(answer);
        return (
          <button
            key={metric}
            type="button"
            aria-pressed={on}
            onClick={() => onMetric(metric)}
            title={
              sums
                ? t("overview.dailySum")
                : metric === "visitors" && value !== null
                  ? formatCount(value)
                  : undefined
            }
            className="group relative -mb-px border-line border-b px-4 py-3.5 text-left transition-colors first:rounded-tl-2xl hover:bg-sunken/60 focus-visible:-outline-offset-2 xl:[&:not(:last-child)]:border-r"
          >
            <span
              className={`absolute inset-x-4 -top-px h-0.5 rounded-full ${on ? "bg-accent" : "bg-transparent"}`}
            />
            <span
              className={`block truncate font-medium text-[13px] ${on ? "text-accent-ink" : "text-ink-2"}`}
            >
              {tName("metric", metric)}
              {sums && (
                <>
                  <span aria-hidden="true" className="text-ink-3">
                    {" "}
                    *
                  </span>
                  <span className="sr-only">({t("overview.dailySum")})</span>
                </>
              )}
            </span>
            {answer ? (
              <span
                className={`flex flex-wrap items-baseline gap-x-2 ${stale ? "opacity-60" : ""}`}
              >
                <span className="font-semibold text-[22px] leading-8 tabular-nums tracking-tight">
                  {formatMetric(metric, value, true)}
                </span>
                {compared && (
                  <span className="text-[13px]">
                    <Change metric={metric} change={change} />
                  </span>
                )}
              </span>
            ) : (
              <Skeleton className="mt-1 h-7 w-24" />
            )}
            {compared && answer && (
              <span className="block text-[12px] text-ink-3 tabular-nums">
                {t("overview.before", { value: formatMetric(metric, before, true) })}
              </span>
            )}
          </button>
        );
      })}
    </fieldset>
  );
}
