// One line of a breakdown: a bar behind the label, the count, the share; a press filters by it.

import { countryCode, valueName } from "../format/names";
import { formatCount, formatPercent, formatShort } from "../format/number";
import { t } from "../i18n/t";
import { CountryCode } from "../ui/CountryCode";
import { Icon } from "../ui/icons";

export interface RowProps {
  dimension: string;
  value: string;
  count: number;
  share: number | null;
  /** The longest bar's count. */
  max: number;
  selected: boolean;
  onToggle: () => void;
}

export function Row({ dimension, value, count, share, max, selected, onToggle }: RowProps) {
  const name = valueName(dimension, value);
  const code = countryCode(dimension, value);
  return (
    <li>
      <button
        type="button"
        aria-pressed={selected}
        onClick={onToggle}
        title={t(selected ? "row.unfilter" : "row.filter", { name })}
        className="group flex h-8 w-full items-center gap-3 rounded-md text-left tabular-nums focus-visible:outline-offset-0"
      >
        <span className="relative flex h-full min-w-0 flex-1 items-center">
          <span
            className={`absolute inset-y-0.5 left-0 rounded-[5px] transition-colors ${
              selected ? "bg-bar-hover" : "bg-bar group-hover:bg-bar-hover"
            }`}
            style={{ width: `${max > 0 ? Math.max(0.6, (count / max) * 100) : 0}%` }}
          />
          <span className="relative flex min-w-0 items-center gap-2 px-2">
            {selected && <Icon name="check" className="!size-3.5 text-accent-ink" />}
            {code && <CountryCode code={code} />}
            <span className={`truncate ${selected ? "font-medium" : ""}`}>{name}</span>
          </span>
        </span>
        <span className="w-14 text-right font-medium" title={formatCount(count)}>
          {formatShort(count)}
        </span>
        <span className="w-14 pr-1 text-right text-ink-3">
          {share === null ? "" : formatPercent(share)}
        </span>
      </button>
    </li>
  );
}
