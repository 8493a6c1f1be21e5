// Linear scales and round ticks: the two things a chart of counts needs.

export type Scale = (value: number) => number;

/** Maps the domain onto the range in proportion. */
export function linear(domain: [number, number], range: [number, number]): Scale {
  const slope = (range[1] - range[0]) / (domain[1] - domain[0] || 1);
  return (value) => range[0] + (value - domain[0]) * slope;
}

const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/**
 * Round values from 0 up to the first at or above `max`, in about `count` steps; `whole`: no
 * fractions, because half a visitor cannot be shown.
 */
export function ticksTo(max: number, count: number, whole: boolean): number[] {
  if (!(max > 0)) return [0, 1];
  const raw = Math.max(max / count, whole ? 1 : 0);
  const power = 10 ** Math.floor(Math.log10(raw));
  const fits = (step: number) => step >= raw * (1 - 1e-9) && (!whole || Number.isInteger(step));
  const step = ROUND_STEPS.map((round) => round * power).find(fits) ?? 10 * power;
  const steps = Math.ceil(max / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
