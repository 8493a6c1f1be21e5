// History as a line, the future as a fan: the 95 % interval behind the 80 % one behind the dashed
// line of what is expected. The crosshair follows the pointer or the arrow keys.

import { area, curveMonotoneX, line } from "d3-shape";
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import type { Metric } from "../api/types";
import { linear, ticksTo } from "../charts/scale";
import { useWidth } from "../charts/size";
import { timeTicks } from "../charts/ticks";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t, tName } from "../i18n/t";
import { isWhole } from "../question/metrics";
import { type Day, highest } from "./days";
import { FanTooltip } from "./FanTooltip";

const HEIGHT = 300;
const MARGIN = { top: 12, right: 4, bottom: 28, left: 48 };
const TICK_WIDTH_PX = 84;
const GRID_LINES = 4;

export function FanChart({ days, metric }: { days: Day[]; metric: Metric }) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<number | null>(null);
  const last = Math.max(0, days.length - 1);
  const index = active === null ? null : Math.min(active, last);
  const x = linear([0, Math.max(1, last)], [MARGIN.left, width - MARGIN.right]);
  const day = index === null ? undefined : days[index];
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const pixel = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const at = linear([MARGIN.left, width - MARGIN.right], [0, last])(pixel);
    setActive(Math.min(last, Math.max(0, Math.round(at))));
  };
  const onKey = (event: KeyboardEvent) => {
    const from = index ?? last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setActive(Math.min(last, Math.max(0, to)));
  };
  const spoken = days[index ?? last];
  return (
    <div
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={t("forecast.chart", { metric: tName("metric", metric) })}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index ?? last}
      aria-valuetext={spoken && spokenText(spoken, metric)}
      className="relative cursor-crosshair touch-pan-y select-none rounded-lg"
      style={{ height: HEIGHT }}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => setActive(null)}
      onBlur={() => setActive(null)}
      onKeyDown={onKey}
    >
      {width > 0 && <Drawing days={days} metric={metric} width={width} active={index} />}
      {day && index !== null && <FanTooltip day={day} metric={metric} x={x(index)} width={width} />}
    </div>
  );
}

function spokenText({ day, value, outlook }: Day, metric: Metric): string {
  const shown = formatMetric(metric, value ?? outlook?.expected ?? null);
  return `${formatBucket(day, "day")}: ${shown} ${tName("metric", metric)}`;
}

function Drawing({
  days,
  metric,
  width,
  active,
}: {
  days: Day[];
  metric: Metric;
  width: number;
  active: number | null;
}) {
  const ticks = ticksTo(highest(days), GRID_LINES, isWhole(metric));
  const bottom = HEIGHT - MARGIN.bottom;
  const y = linear([0, ticks.at(-1) ?? 1], [bottom, MARGIN.top]);
  const x = linear([0, Math.max(1, days.length - 1)], [MARGIN.left, width - MARGIN.right]);
  const at = (_: Day, index: number) => x(index);
  const band = (low: "low_80" | "low_95", high: "high_80" | "high_95") =>
    area<Day>()
      .x(at)
      .y0((day) => y(day.outlook?.[low] ?? day.value ?? 0))
      .y1((day) => y(day.outlook?.[high] ?? day.value ?? 0))
      .defined((day, index) => day.outlook !== null || days[index + 1]?.outlook != null)
      .curve(curveMonotoneX)(days) ?? "";
  const expected = line<Day>(at, (day) => y(day.outlook?.expected ?? day.value ?? 0))
    .defined((day, index) => day.outlook !== null || days[index + 1]?.outlook != null)
    .curve(curveMonotoneX)(days);
  const measured = line<Day>(at, (day) => y(day.value ?? 0))
    .defined((day) => day.value !== null)
    .curve(curveMonotoneX)(days);
  const named = timeTicks(
    days.map((day) => day.day),
    "day",
    Math.floor(width / TICK_WIDTH_PX),
  );
  const first = days.findIndex((day) => day.value === null && day.outlook !== null);
  return (
    <svg width={width} height={HEIGHT} className="absolute inset-0 block" aria-hidden="true">
      <g className="fill-ink-3 text-[11px] tabular-nums">
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={MARGIN.left} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
            <text x={MARGIN.left - 10} y={y(tick)} dy="0.32em" textAnchor="end">
              {formatMetric(metric, tick, true)}
            </text>
          </g>
        ))}
        {named.map(({ index, text }) => (
          <text
            key={index}
            x={x(index)}
            y={HEIGHT - 6}
            textAnchor={index === 0 ? "start" : x(index) > width - 40 ? "end" : "middle"}
          >
            {text}
          </text>
        ))}
      </g>
      <path d={band("low_95", "high_95")} fill="var(--accent)" fillOpacity="0.12" />
      <path d={band("low_80", "high_80")} fill="var(--accent)" fillOpacity="0.18" />
      {first > 0 && (
        <line
          x1={x(first - 0.5)}
          x2={x(first - 0.5)}
          y1={MARGIN.top}
          y2={bottom}
          stroke="var(--line-strong)"
          strokeDasharray="2 3"
        />
      )}
      <path
        d={expected ?? ""}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2"
        strokeDasharray="5 4"
      />
      <path
        d={measured ?? ""}
        fill="none"
        stroke="var(--ink)"
        strokeWidth="1.75"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
      {active !== null && (
        <line
          x1={x(active)}
          x2={x(active)}
          y1={MARGIN.top}
          y2={bottom}
          stroke="var(--line-strong)"
        />
      )}
    </svg>
  );
}
