// The table inside the details: sortable columns, a press on a name filters by it.

import type { QueryRow } from "../api/types";
import { countryCode, valueName } from "../format/names";
import { formatMetric } from "../format/number";
import { t, tName } from "../i18n/t";
import { isFilteredBy } from "../question/filters";
import { useSubject } from "../state/subject";
import { CountryCode } from "../ui/CountryCode";
import { Icon } from "../ui/icons";
import type { Breakdown } from "./catalogue";

type Order = [string, "asc" | "desc"];

export function DetailsTable({
  breakdown,
  rows,
  stale,
  order,
  onOrder,
}: {
  breakdown: Breakdown;
  rows: QueryRow[];
  stale: boolean;
  order: Order;
  onOrder: (order: Order) => void;
}) {
  const subject = useSubject();
  return (
    <table
      className={`w-full border-separate border-spacing-0 tabular-nums ${stale ? "opacity-60" : ""}`}
    >
      <thead>
        <tr className="[&>th]:sticky [&>th]:top-0 [&>th]:z-10 [&>th]:border-line [&>th]:border-b [&>th]:bg-raised [&>th]:font-medium [&>th]:text-ink-3">
          <th className="px-5 py-2 text-left">{tName("dimension", breakdown.dimension)}</th>
          {breakdown.metrics.map((metric) => (
            <SortableHead key={metric} metric={metric} order={order} onOrder={onOrder} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const value = row.dimensions[0] ?? "";
          const selected = isFilteredBy(subject.question.filters, breakdown.dimension, value);
          const code = countryCode(breakdown.dimension, value);
          return (
            <tr key={value} className="hover:bg-sunken">
              <th
                scope="row"
                className="w-full min-w-44 px-3 py-0.5 text-left font-normal sm:min-w-0 sm:max-w-80"
              >
                <button
                  type="button"
                  aria-pressed={selected}
                  onClick={() => subject.toggle(breakdown.dimension, value)}
                  className="flex min-h-7 w-full items-center gap-2 rounded-md px-2 text-left hover:text-accent-ink"
                >
                  {selected && <Icon name="check" className="text-accent-ink" />}
                  {code && <CountryCode code={code} />}
                  <span className="[overflow-wrap:anywhere] sm:truncate">
                    {valueName(breakdown.dimension, value)}
                  </span>
                </button>
              </th>
              {breakdown.metrics.map((metric, index) => (
                <td key={metric} className="whitespace-nowrap pr-5 pl-2 text-right">
                  {formatMetric(metric, row.metrics[index] ?? null)}
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function SortableHead({
  metric,
  order: [by, direction],
  onOrder,
}: {
  metric: string;
  order: Order;
  onOrder: (order: Order) => void;
}) {
  const on = by === metric;
  const next = on && direction === "desc" ? "asc" : "desc";
  return (
    <th
      className="px-3 py-0.5 text-right"
      aria-sort={on ? (direction === "asc" ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        title={t("details.sort")}
        onClick={() => onOrder([metric, next])}
        className={`ml-auto flex h-8 items-center gap-1 whitespace-nowrap rounded-md px-2 hover:text-ink ${on ? "text-ink" : ""}`}
      >
        {on && <Icon name={direction === "asc" ? "arrowUp" : "arrowDown"} className="!size-3" />}
        {tName("metric", metric)}
      </button>
    </th>
  );
}
