// A change against the comparison: an arrow for its direction, a colour for good or bad, and
// words for screen readers. Colour is never the only sign.

import type { Metric } from "../api/types";
import { formatChange, formatPoints } from "../format/number";
import { t } from "../i18n/t";
import { fallIsGood, isShare } from "../question/metrics";
import { Icon } from "./icons";

/** Smaller changes read as none. */
const NOTICED_PERCENT = 0.05;

export function Change({ metric, change }: { metric: Metric; change: number | null }) {
  const format = isShare(metric) ? formatPoints : formatChange;
  if (change === null) return <span className="text-ink-3">–</span>;
  if (Math.abs(change) < NOTICED_PERCENT) return <span className="text-ink-3">{format(0)}</span>;
  const up = change > 0;
  const good = up !== fallIsGood(metric);
  return (
    <span
      className={`inline-flex items-center gap-0.5 font-medium tabular-nums ${good ? "text-good" : "text-bad"}`}
    >
      <Icon name={up ? "arrowUp" : "arrowDown"} className="!size-3" />
      <span className="sr-only">{t(up ? "chart.up" : "chart.down")}</span>
      {format(change)}
    </span>
  );
}
