// What the crosshair points at, in words: the bucket, its value, the comparison, the change.

import type { Metric } from "../api/types";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t, tName } from "../i18n/t";
import type { Interval } from "../question/interval";
import type { Point } from "../question/series";
import { Change } from "../ui/Change";

const WIDTH_PX = 224;
const GAP_PX = 14;

export function ChartTooltip({
  point,
  metric,
  interval,
  x,
  width,
  drillable,
}: {
  point: Point;
  metric: Metric;
  interval: Interval;
  x: number;
  width: number;
  drillable: boolean;
}) {
  const left = x + GAP_PX + WIDTH_PX > width ? Math.max(0, x - GAP_PX - WIDTH_PX) : x + GAP_PX;
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-3 z-10 w-56 rounded-xl border border-line bg-raised p-3 text-[13px] shadow-pop"
      style={{ left }}
    >
      <div className="mb-2 flex justify-between gap-2">
        <span className="font-medium text-ink-2">{tName("metric", metric)}</span>
        {point.before && <Change metric={metric} change={point.before.change} />}
      </div>
      <Line color="bg-accent" label={formatBucket(point.label, interval)}>
        {formatMetric(metric, point.value)}
      </Line>
      {point.before && (
        <Line color="bg-ink-3" label={formatBucket(point.before.label, interval)}>
          {formatMetric(metric, point.before.value)}
        </Line>
      )}
      {drillable && (
        <p className="mt-2 border-line border-t pt-2 text-[12px] text-ink-3">{t("chart.drill")}</p>
      )}
    </div>
  );
}

function Line({ color, label, children }: { color: string; label: string; children: string }) {
  return (
    <div className="flex items-center gap-2 leading-6">
      <span className={`size-2 shrink-0 rounded-full ${color}`} />
      <span className="min-w-0 flex-1 truncate text-ink-2">{label}</span>
      <span className="font-semibold tabular-nums">{children}</span>
    </div>
  );
}
