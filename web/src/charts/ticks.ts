// Which buckets of a time axis are named, and how: round places, and the year wherever a reader
// could not tell it. Pure: labels go in, texts come out.

import { formatTick, type TickParts } from "../format/time";
import type { Interval } from "../question/interval";

export interface TimeTick {
  index: number;
  text: string;
}

/** Steps between the named months, in months: each divides or multiplies a year. */
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 240];
const YEAR_MONTHS = 12;

/** At most `ticksMax` ticks (at least two) for buckets with these labels. */
export function timeTicks(labels: string[], interval: Interval, ticksMax: number): TimeTick[] {
  const [first = "", last = ""] = [labels[0], labels.at(-1)];
  const several = (chars: number) => first.slice(0, chars) !== last.slice(0, chars);
  const wanted = Math.max(2, ticksMax);
  const text = (parts: TickParts) => (index: number) => ({
    index,
    text: formatTick(labels[index] ?? "", parts),
  });
  if (interval === "month") {
    const step = MONTH_STEPS.find((months) => labels.length <= months * wanted) ?? 480;
    const parts = step >= YEAR_MONTHS ? "year" : several(4) ? "monthYear" : "month";
    const round = labels
      .map((_, index) => index)
      .filter((index) => monthNumber(labels[index] ?? "") % step === 0);
    // A few years on a narrow screen may all lie between two round ones.
    return (round.length > 0 ? round : [0]).map(text(parts));
  }
  const step = Math.max(1, Math.ceil(labels.length / wanted));
  const clock = interval === "hour" || interval === "minute";
  const parts = clock && !several(10) ? "clock" : several(4) && !clock ? "dayYear" : "day";
  return labels
    .map((_, index) => index)
    .filter((index) => index % step === 0)
    .map(text(parts));
}

/** Months since year 0, so that January is a multiple of twelve. */
const monthNumber = (label: string): number =>
  Number(label.slice(0, 4)) * YEAR_MONTHS + Number(label.slice(5, 7)) - 1;
