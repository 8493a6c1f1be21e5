// The time series as a table, for those who would rather read it, or cannot see the chart.

import type { Metric } from "../api/types";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t, tName } from "../i18n/t";
import type { Interval } from "../question/interval";
import type { Point } from "../question/series";
import { Change } from "../ui/Change";

export default function ChartTable({
  points,
  metric,
  interval,
}: {
  points: Point[];
  metric: Metric;
  interval: Interval;
}) {
  const compared = points.some((point) => point.before);
  const name = tName("metric", metric);
  return (
    <section
      className="h-72 overflow-auto rounded-lg"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("chart.tableLabel", { metric: name })}
    >
      <table className="w-full text-right tabular-nums">
        <thead className="sticky top-0 bg-surface text-ink-3">
          <tr className="[&>th]:py-1.5 [&>th]:pl-4 [&>th]:font-medium">
            <th className="!pl-0 text-left">{t(`interval.${interval}`)}</th>
            <th>{name}</th>
            {compared && <th>{t("chart.before")}</th>}
            {compared && <th>{t("chart.change")}</th>}
          </tr>
        </thead>
        <tbody>
          {points.map((point) => (
            <tr key={point.label} className="border-line border-t [&>*]:py-1.5 [&>td]:pl-4">
              <th scope="row" className="text-left font-normal">
                {formatBucket(point.label, interval)}
              </th>
              <td className="font-medium">{formatMetric(metric, point.value)}</td>
              {compared && (
                <td className="text-ink-2">{formatMetric(metric, point.before?.value ?? null)}</td>
              )}
              {compared && (
                <td>
                  <Change metric={metric} change={point.before?.change ?? null} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
