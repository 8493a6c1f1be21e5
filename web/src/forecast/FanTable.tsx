// The fan chart's days as a table.

import type { Metric } from "../api/types";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t, tName } from "../i18n/t";
import type { Day } from "./days";
import { rangeText } from "./FanTooltip";

export function FanTable({ days, metric }: { days: Day[]; metric: Metric }) {
  const name = tName("metric", metric);
  return (
    <section
      className="max-h-[300px] overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("forecast.table", { metric: name })}
    >
      <table className="w-full text-right tabular-nums">
        <thead className="sticky top-0 bg-surface text-ink-3">
          <tr className="[&>th]:py-1.5 [&>th]:pl-4 [&>th]:font-medium">
            <th className="!pl-0 text-left">{t("interval.day")}</th>
            <th>{t("forecast.actual")}</th>
            <th>{t("forecast.expected")}</th>
            <th>80 %</th>
            <th>95 %</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, value, outlook }) => (
            <tr key={day} className="border-line border-t [&>*]:py-1.5 [&>td]:pl-4">
              <th scope="row" className="whitespace-nowrap text-left font-normal">
                {formatBucket(day, "day")}
              </th>
              <td>{formatMetric(metric, value)}</td>
              <td className="font-medium">{formatMetric(metric, outlook?.expected ?? null)}</td>
              <td className="whitespace-nowrap text-ink-2">
                {outlook && rangeText(metric, outlook.low_80, outlook.high_80)}
              </td>
              <td className="whitespace-nowrap text-ink-2">
                {outlook && rangeText(metric, outlook.low_95, outlook.high_95)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
