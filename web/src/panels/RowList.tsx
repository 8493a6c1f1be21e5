// The top rows of a breakdown, in each of their states: loading, empty, failed, or there.

import { t, tName } from "../i18n/t";
import { isFilteredBy } from "../question/filters";
import { useSubject } from "../state/subject";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import type { Breakdown } from "./catalogue";
import { Row } from "./Row";
import { useRows } from "./rows";

export const PANEL_ROWS = 9;

export function RowList({ breakdown }: { breakdown: Breakdown }) {
  const subject = useSubject();
  const metrics = breakdown.metrics.slice(0, 2);
  const { answer, rows } = useRows({ ...breakdown, metrics }, { limit: PANEL_ROWS });
  const sameDimension = answer.data?.results.length !== undefined && !answer.isPlaceholderData;
  if (answer.isPending) return <RowSkeletons />;
  if (answer.isError && !answer.data) {
    return <Failure error={answer.error} onRetry={() => answer.refetch()} />;
  }
  if (rows.length === 0) return <Empty title={t("panel.empty")}>{t("panel.emptyHint")}</Empty>;
  const max = Math.max(...rows.map((row) => row.metrics[0] ?? 0));
  return (
    <>
      <div className="mb-1 flex gap-3 pl-2 text-[12px] text-ink-3" aria-hidden="true">
        <span className="flex-1">{tName("dimension", breakdown.dimension)}</span>
        <span className="w-14 text-right">{tName("metric", metrics[0] ?? "visitors")}</span>
        <span className="w-14 pr-1 text-right">%</span>
      </div>
      <ul className={`transition-opacity ${sameDimension ? "" : "opacity-60"}`}>
        {rows.map((row) => {
          const value = row.dimensions[0] ?? "";
          return (
            <Row
              key={value}
              dimension={breakdown.dimension}
              value={value}
              count={row.metrics[0] ?? 0}
              share={row.metrics[1] ?? null}
              max={max}
              selected={isFilteredBy(subject.question.filters, breakdown.dimension, value)}
              onToggle={() => subject.toggle(breakdown.dimension, value)}
            />
          );
        })}
      </ul>
    </>
  );
}

const SKELETON_WIDTHS = [
  "w-11/12",
  "w-3/4",
  "w-2/3",
  "w-7/12",
  "w-1/2",
  "w-5/12",
  "w-1/3",
  "w-1/4",
  "w-1/5",
];

function RowSkeletons() {
  return (
    <Loading>
      <div className="mb-1 h-[18px]" />
      {SKELETON_WIDTHS.map((width) => (
        <div key={width} className="flex h-8 items-center">
          <Skeleton className={`h-7 ${width}`} />
        </div>
      ))}
    </Loading>
  );
}
