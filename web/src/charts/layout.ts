// Where things lie in the time chart: scales, ticks and paths. Pure geometry, no elements.

import { area, curveMonotoneX, line } from "d3-shape";
import type { Metric } from "../api/types";
import { isWhole } from "../question/metrics";
import type { Point } from "../question/series";
import { linear, type Scale, ticksTo } from "./scale";

export const CHART_HEIGHT = 288;
const MARGIN = { top: 12, right: 4, bottom: 28 };
const TICK_WIDTH_PX = 84;
const GRID_LINES = 4;

export interface Layout {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: Scale;
  y: Scale;
  yTicks: number[];
  /** How many texts have room below. */
  xTicksMax: number;
  indexAt: (pixel: number) => number;
}

export function layoutOf(
  points: Point[],
  metric: Metric,
  width: number,
  tickLabelWidth: number,
): Layout {
  const values = points.flatMap((point) => [point.value ?? 0, point.before?.value ?? 0]);
  const yTicks = ticksTo(Math.max(0, ...values), GRID_LINES, isWhole(metric));
  const left = tickLabelWidth;
  const right = width - MARGIN.right;
  const bottom = CHART_HEIGHT - MARGIN.bottom;
  const last = Math.max(1, points.length - 1);
  const y = linear([0, yTicks.at(-1) ?? 1], [bottom, MARGIN.top]);
  const x = linear([0, last], [left, right]);
  const indexOf = linear([left, right], [0, last]);
  return {
    left,
    right,
    top: MARGIN.top,
    bottom,
    x,
    y,
    yTicks,
    xTicksMax: Math.floor((right - left) / TICK_WIDTH_PX),
    indexAt: (pixel) => Math.min(points.length - 1, Math.max(0, Math.round(indexOf(pixel)))),
  };
}

type Place = { index: number; value: number | null };

export function linePath(layout: Layout, places: Place[]): string {
  const draw = line<Place>(
    (p) => layout.x(p.index),
    (p) => layout.y(p.value ?? 0),
  )
    .defined((p) => p.value !== null)
    .curve(curveMonotoneX);
  return draw(places) ?? "";
}

export function areaPath(layout: Layout, places: Place[]): string {
  const draw = area<Place>()
    .x((p) => layout.x(p.index))
    .y0(layout.bottom)
    .y1((p) => layout.y(p.value ?? 0))
    .defined((p) => p.value !== null)
    .curve(curveMonotoneX);
  return draw(places) ?? "";
}

export const placesOf = (points: Point[]): Place[] =>
  points.map((point, index) => ({ index, value: point.value }));

export const beforePlacesOf = (points: Point[]): Place[] =>
  points.flatMap((point, index) => (point.before ? [{ index, value: point.before.value }] : []));
