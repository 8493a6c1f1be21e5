// A line without axes, for a glance. What it shows must be said in text beside it.

import { area, curveMonotoneX, line } from "d3-shape";
import { linear } from "./scale";

const WIDTH = 240;
const HEIGHT = 56;
const PADDING = 3;

export function Sparkline({ values, className = "" }: { values: number[]; className?: string }) {
  const x = linear([0, Math.max(1, values.length - 1)], [0, WIDTH]);
  const y = linear([0, Math.max(1, ...values)], [HEIGHT - PADDING, PADDING]);
  const stroke = line<number>(
    (_, i) => x(i),
    (v) => y(v),
  ).curve(curveMonotoneX);
  const fill = area<number>()
    .x((_, i) => x(i))
    .y0(HEIGHT)
    .y1((v) => y(v))
    .curve(curveMonotoneX);
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={`block ${className}`}
      aria-hidden="true"
    >
      <path d={fill(values) ?? ""} fill="var(--accent)" fillOpacity="0.08" />
      <path
        d={stroke(values) ?? ""}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.75"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
