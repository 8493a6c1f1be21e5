// The funnel as a table: its steps, and under them each value of the dimension it is split by.

import type { FunnelAnswer, FunnelStepAnswer } from "../api/behaviour";
import { valueName } from "../format/names";
import { formatCount, formatPercent } from "../format/number";
import { t, tName } from "../i18n/t";

export function FunnelTable({
  answer,
  dimension,
}: {
  answer: FunnelAnswer;
  dimension: string | null;
}) {
  const rows = answer.groups ?? [];
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("funnel.table")}
    >
      <table className="w-full text-right tabular-nums">
        <thead className="text-ink-3">
          <tr className="[&>th]:py-1.5 [&>th]:pl-4 [&>th]:font-medium">
            <th className="!pl-0 text-left">{dimension ? tName("dimension", dimension) : ""}</th>
            {answer.steps.map(({ name }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be the same, their place is not.
              <th key={index} className="max-w-40 truncate">
                {index + 1}. {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Row label={t("funnel.everybody")} steps={answer.steps} strong />
          {rows.map((row) => (
            <Row key={row.value} label={valueName(dimension ?? "", row.value)} steps={row.steps} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({
  label,
  steps,
  strong = false,
}: {
  label: string;
  steps: FunnelStepAnswer[];
  strong?: boolean;
}) {
  return (
    <tr
      className={`border-line border-t [&>*]:py-1.5 [&>td]:pl-4 ${strong ? "[&>*]:font-medium" : "[&>th]:font-normal"}`}
    >
      <th scope="row" className="max-w-48 truncate text-left">
        {label}
      </th>
      {steps.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be the same, their place is not.
        <td key={index} className="whitespace-nowrap">
          {formatCount(step.visitors)}{" "}
          <span className="inline-block w-14 font-normal text-ink-3">
            {formatPercent(step.conversion_rate)}
          </span>
        </td>
      ))}
    </tr>
  );
}
