// What the crosshair of the fan chart points at: the day, what was, what is or was expected.

import type { Metric } from "../api/types";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t } from "../i18n/t";
import type { Day } from "./days";

const WIDTH_PX = 232;
const GAP_PX = 14;

export function FanTooltip({
  day: { day, value, outlook },
  metric,
  x,
  width,
}: {
  day: Day;
  metric: Metric;
  x: number;
  width: number;
}) {
  const left = x + GAP_PX + WIDTH_PX > width ? Math.max(0, x - GAP_PX - WIDTH_PX) : x + GAP_PX;
  const lines: [label: string, text: string][] = [];
  if (value !== null || !outlook) lines.push([t("forecast.actual"), formatMetric(metric, value)]);
  if (outlook) {
    lines.push(
      [t("forecast.expected"), formatMetric(metric, outlook.expected)],
      ["80 %", rangeText(metric, outlook.low_80, outlook.high_80)],
      ["95 %", rangeText(metric, outlook.low_95, outlook.high_95)],
    );
  }
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-3 z-10 w-58 rounded-xl border border-line bg-raised p-3 text-[13px] shadow-pop"
      style={{ left }}
    >
      <p className="mb-1 font-medium text-ink-2">{formatBucket(day, "day")}</p>
      {lines.map(([label, text]) => (
        <p key={label} className="flex justify-between gap-3 leading-6">
          <span className="text-ink-2">{label}</span>
          <span className="font-semibold tabular-nums">{text}</span>
        </p>
      ))}
    </div>
  );
}

export const rangeText = (metric: Metric, low: number, high: number): string =>
  `${formatMetric(metric, low)} – ${formatMetric(metric, high)}`;
