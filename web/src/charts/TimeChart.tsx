// The time series: a line over its area, the comparison dashed behind it, a crosshair that
// follows the pointer or the arrow keys. It draws what it is given and fetches nothing.

import { type KeyboardEvent, type PointerEvent, useId, useState } from "react";
import type { Metric } from "../api/types";
import { formatMetric } from "../format/number";
import { formatBucket } from "../format/time";
import { t, tName } from "../i18n/t";
import type { Interval } from "../question/interval";
import type { Point } from "../question/series";
import { ChartTooltip } from "./ChartTooltip";
import {
  areaPath,
  beforePlacesOf,
  CHART_HEIGHT,
  type Layout,
  layoutOf,
  linePath,
  placesOf,
} from "./layout";
import { useWidth } from "./size";
import { timeTicks } from "./ticks";

const PAGE_STEP = 7;

export interface TimeChartProps {
  points: Point[];
  metric: Metric;
  interval: Interval;
  /** The last bucket is still filling: its segment is dotted. */
  unfinished: boolean;
  /** Given when a bucket can be looked into. */
  onDrill: ((label: string) => void) | null;
}

export function TimeChart({ points, metric, interval, unfinished, onDrill }: TimeChartProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const [active, setActive] = useState<number | null>(null);
  const index = active === null ? null : Math.min(active, points.length - 1);
  const point = index === null ? undefined : points[index];
  const layout = layoutOf(points, metric, width, width < 480 ? 40 : 48);

  const follow = (event: PointerEvent<HTMLDivElement>) =>
    setActive(layout.indexAt(event.clientX - event.currentTarget.getBoundingClientRect().left));
  const onKey = (event: KeyboardEvent<HTMLDivElement>) => {
    const last = points.length - 1;
    const from = index ?? last;
    const to = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      ArrowDown: from - 1,
      ArrowUp: from + 1,
      PageDown: from - PAGE_STEP,
      PageUp: from + PAGE_STEP,
      Home: 0,
      End: last,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      setActive(Math.min(last, Math.max(0, to)));
    } else if (event.key === "Enter" && point) onDrill?.(point.label);
  };

  const spoken = points[index ?? points.length - 1];
  return (
    <div
      ref={box}
      role="slider"
      tabIndex={0}
      aria-label={t("chart.label", { metric: tName("metric", metric) })}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, points.length - 1)}
      aria-valuenow={index ?? Math.max(0, points.length - 1)}
      aria-valuetext={
        spoken &&
        `${formatBucket(spoken.label, interval)}: ${formatMetric(metric, spoken.value)} ${tName("metric", metric)}`
      }
      className={`relative h-72 touch-pan-y select-none rounded-lg ${onDrill ? "cursor-pointer" : "cursor-crosshair"}`}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => setActive(null)}
      onBlur={() => setActive(null)}
      onKeyDown={onKey}
      onClick={() => point && onDrill?.(point.label)}
    >
      {width > 0 && points.length > 0 && (
        <ChartDrawing
          layout={layout}
          width={width}
          points={points}
          metric={metric}
          interval={interval}
          unfinished={unfinished}
          active={index}
        />
      )}
      {point && index !== null && (
        <ChartTooltip
          point={point}
          metric={metric}
          interval={interval}
          x={layout.x(index)}
          width={width}
          drillable={onDrill !== null}
        />
      )}
    </div>
  );
}

/** The picture alone, at a known width; exported for its tests. */
export function ChartDrawing({
  layout,
  width,
  points,
  metric,
  interval,
  unfinished,
  active,
}: Omit<TimeChartProps, "onDrill"> & { layout: Layout; width: number; active: number | null }) {
  const id = useId();
  const gradient = `${id}-gradient`;
  const places = placesOf(points);
  // One curve for the area and both kinds of line: cut short, a line bends away from its area.
  const path = linePath(layout, places);
  const dotted = unfinished && places.length > 1;
  const end = dotted ? layout.x(places.length - 2) : width;
  const before = beforePlacesOf(points);
  const point = active === null ? undefined : points[active];
  return (
    <svg width={width} height={CHART_HEIGHT} className="absolute inset-0 block" aria-hidden="true">
      <defs>
        <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0%" stopColor="var(--accent)" stopOpacity="0.16" />
          <stop offset="100%" stopColor="var(--accent)" stopOpacity="0" />
        </linearGradient>
        <clipPath id={`${id}-finished`}>
          <rect width={end} height={CHART_HEIGHT} />
        </clipPath>
        <clipPath id={`${id}-unfinished`}>
          <rect x={end} width={Math.max(0, width - end)} height={CHART_HEIGHT} />
        </clipPath>
      </defs>
      <Axes layout={layout} points={points} metric={metric} interval={interval} />
      {before.length > 1 && (
        <path
          d={linePath(layout, before)}
          fill="none"
          stroke="var(--ink-3)"
          strokeOpacity="0.7"
          strokeWidth="1.5"
          strokeDasharray="5 4"
        />
      )}
      <path d={areaPath(layout, places)} fill={`url(#${gradient})`} />
      <path
        d={path}
        clipPath={`url(#${id}-finished)`}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      {dotted && (
        <path
          d={path}
          clipPath={`url(#${id}-unfinished)`}
          fill="none"
          stroke="var(--accent)"
          strokeWidth="2"
          strokeLinecap="round"
          strokeDasharray="1 5"
        />
      )}
      {places.length === 1 && places[0] && (
        <circle cx={layout.x(0)} cy={layout.y(places[0].value ?? 0)} r="4" fill="var(--accent)" />
      )}
      {active !== null && point && <Crosshair layout={layout} index={active} point={point} />}
    </svg>
  );
}

function Axes({
  layout,
  points,
  metric,
  interval,
}: {
  layout: Layout;
  points: Point[];
  metric: Metric;
  interval: Interval;
}) {
  const labels = points.map((point) => point.label);
  return (
    <g className="fill-ink-3 text-[11px] tabular-nums">
      {layout.yTicks.map((tick) => (
        <g key={tick}>
          <line
            x1={layout.left}
            x2={layout.right}
            y1={layout.y(tick)}
            y2={layout.y(tick)}
            stroke="var(--line)"
          />
          <text x={layout.left - 10} y={layout.y(tick)} dy="0.32em" textAnchor="end">
            {formatMetric(metric, tick, true)}
          </text>
        </g>
      ))}
      {timeTicks(labels, interval, layout.xTicksMax).map(({ index, text }) => (
        <text
          key={index}
          x={layout.x(index)}
          y={CHART_HEIGHT - 6}
          textAnchor={
            index === 0 ? "start" : layout.x(index) > layout.right - 36 ? "end" : "middle"
          }
        >
          {text}
        </text>
      ))}
    </g>
  );
}

function Crosshair({ layout, index, point }: { layout: Layout; index: number; point: Point }) {
  const x = layout.x(index);
  return (
    <g>
      <line x1={x} x2={x} y1={layout.top} y2={layout.bottom} stroke="var(--line-strong)" />
      {point.before?.value != null && (
        <circle cx={x} cy={layout.y(point.before.value)} r="3.5" fill="var(--ink-3)" />
      )}
      {point.value !== null && (
        <circle
          cx={x}
          cy={layout.y(point.value)}
          r="5"
          fill="var(--accent)"
          stroke="var(--surface)"
          strokeWidth="2"
        />
      )}
    </g>
  );
}
