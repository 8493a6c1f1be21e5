// Cohorts as a heat map, which is a table: one row for each, one column for each period after.

import type { Cohort, CohortUnit } from "../api/behaviour";
import { formatCount, formatPercent } from "../format/number";
import { formatBucket } from "../format/time";
import { t } from "../i18n/t";
import { meanAt, offsetsOf, strongestShare } from "./cohorts";

/** How much of the heat's colour the strongest cell has, percent: more would drown the text. */
const HEAT_MAX = 70;

export function CohortTable({
  cohorts,
  unit,
  counts,
}: {
  cohorts: Cohort[];
  unit: CohortUnit;
  /** Visitors instead of shares. */
  counts: boolean;
}) {
  const offsets = Array.from({ length: offsetsOf(cohorts) }, (_, offset) => offset);
  const strongest = strongestShare(cohorts);
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("retention.table")}
    >
      <table className="w-full border-separate border-spacing-0.5 text-center text-[13px] tabular-nums">
        <thead className="text-ink-3">
          <tr className="[&>th]:whitespace-nowrap [&>th]:px-2 [&>th]:pb-1.5 [&>th]:font-medium">
            <th className="sticky left-0 z-10 bg-surface !pl-0 text-left">
              {t("retention.cohort")}
            </th>
            <th className="text-right">{t("metric.visitors")}</th>
            {offsets.map((offset) => (
              <th key={offset}>{t(`retention.${unit}`, { number: offset })}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          <tr>
            <th
              scope="row"
              className="sticky left-0 z-10 whitespace-nowrap bg-surface pr-3 text-left font-semibold"
            >
              {t("retention.all")}
            </th>
            <td className="px-2 text-right font-semibold">
              {formatCount(cohorts.reduce((sum, cohort) => sum + cohort.visitors, 0))}
            </td>
            {offsets.map((offset) => (
              <Cell key={offset} share={meanAt(cohorts, offset)} strongest={strongest} strong />
            ))}
          </tr>
          {cohorts.map((cohort) => (
            <tr key={cohort.cohort}>
              <th
                scope="row"
                className="sticky left-0 z-10 whitespace-nowrap bg-surface pr-3 text-left font-normal"
              >
                {formatBucket(cohort.cohort, unit)}
              </th>
              <td className="px-2 text-right text-ink-2">{formatCount(cohort.visitors)}</td>
              {offsets.map((offset) => (
                <Cell
                  key={offset}
                  share={cohort.rates[offset] ?? null}
                  strongest={strongest}
                  {...(counts && { count: cohort.returned[offset] })}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell({
  share,
  strongest,
  count,
  strong = false,
}: {
  share: number | null;
  strongest: number;
  count?: number | undefined;
  strong?: boolean;
}) {
  if (share === null) return <td className="h-9 min-w-14" />;
  const strength = Math.min(1, share / strongest);
  const percent = Math.round(4 + strength * (HEAT_MAX - 4));
  return (
    <td
      className={`h-9 min-w-14 rounded-md px-1 ${strong ? "font-semibold" : ""}`}
      style={{
        background: `color-mix(in oklab, var(--heat) ${percent}%, var(--surface))`,
      }}
      title={count === undefined ? undefined : formatPercent(share)}
    >
      {count === undefined ? formatPercent(share) : formatCount(count)}
    </td>
  );
}
