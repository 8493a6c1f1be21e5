// Where things lie in the time chart: scales, ticks and paths. Pure geometry, no elements.

import { scaleLinear } from "d3-scale";
import { area, curveMonotoneX, line } from "d3-shape";
import type { Point } from "../question/series";

export const CHART_HEIGHT = 288;
const MARGIN = { top: 12, right: 4, bottom: 28 };
const TICK_WIDTH_PX = 84;
const GRID_LINES = 4;

export interface Layout {
  left: number;
  right: number;
  top: number;
  bottom: number;
  x: (index: number) => number;
  y: (value: number) => number;
  yTicks: number[];
  xTicks: number[];
  indexAt: (pixel: number) => number;
}

export function layoutOf(points: Point[], width: number, tickLabelWidth: number): Layout {
  const max = Math.max(1, ...points.map((p) => Math.max(p.value, p.before?.value ?? 0)));
  const left = tickLabelWidth;
  const right = width - MARGIN.right;
  const bottom = CHART_HEIGHT - MARGIN.bottom;
  const last = Math.max(1, points.length - 1);
  const y = scaleLinear().domain([0, max]).nice(GRID_LINES).range([bottom, MARGIN.top]);
  const x = scaleLinear().domain([0, last]).range([left, right]);
  const ticksMax = Math.max(2, Math.floor((right - left) / TICK_WIDTH_PX));
  const step = Math.max(1, Math.ceil(points.length / ticksMax));
  return {
    left,
    right,
    top: MARGIN.top,
    bottom,
    x: (index) => x(index),
    y: (value) => y(value),
    yTicks: y.ticks(GRID_LINES),
    xTicks: points.map((_, index) => index).filter((index) => index % step === 0),
    indexAt: (pixel) => Math.min(points.length - 1, Math.max(0, Math.round(x.invert(pixel)))),
  };
}

type Place = { index: number; value: number };

export function linePath(layout: Layout, places: Place[]): string {
  const draw = line<Place>(
    (p) => layout.x(p.index),
    (p) => layout.y(p.value),
  ).curve(curveMonotoneX);
  return draw(places) ?? "";
}

export function areaPath(layout: Layout, places: Place[]): string {
  const draw = area<Place>()
    .x((p) => layout.x(p.index))
    .y0(layout.bottom)
    .y1((p) => layout.y(p.value))
    .curve(curveMonotoneX);
  return draw(places) ?? "";
}

export const placesOf = (points: Point[]): Place[] =>
  points.map((point, index) => ({ index, value: point.value }));

export const beforePlacesOf = (points: Point[]): Place[] =>
  points.flatMap((point, index) => (point.before ? [{ index, value: point.before.value }] : []));
