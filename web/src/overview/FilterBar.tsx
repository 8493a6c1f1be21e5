// The filters in force, as chips that can be edited or taken off.

import { valueName } from "../format/names";
import { t, tName } from "../i18n/t";
import type { Filter } from "../question/filters";
import { useSubject } from "../state/subject";
import { Icon } from "../ui/icons";

const VALUES_SHOWN = 3;

export function FilterBar({ onEdit }: { onEdit: (index: number) => void }) {
  const { question, ask } = useSubject();
  if (question.filters.length === 0 && !question.bots) return null;
  return (
    <ul aria-label={t("filter.label")} className="flex flex-wrap items-center gap-2">
      {question.bots && (
        <li>
          <button
            type="button"
            className="flex h-8 items-center gap-1 rounded-lg bg-warn-soft px-2.5 text-[13px] text-warn"
            onClick={() => ask({ bots: false })}
          >
            {t("filter.bots")}
            <Icon name="close" className="!size-3.5" />
          </button>
        </li>
      )}
      {question.filters.map((filter, index) => (
        <li
          key={`${filter.op}${filter.dimension}${filter.values.join()}`}
          className="flex h-8 max-w-full items-center rounded-lg border border-line bg-surface text-[13px] shadow-card"
        >
          <button
            type="button"
            onClick={() => onEdit(index)}
            title={t("filter.edit")}
            className="flex h-full min-w-0 items-center gap-1 rounded-lg pr-1 pl-2.5"
          >
            <span className="text-ink-3">
              {tName("dimension", filter.dimension)} {t(`op.${filter.op}`)}
            </span>{" "}
            <span className="truncate font-medium">{valuesText(filter)}</span>
          </button>
          <button
            type="button"
            aria-label={t("filter.remove", { name: tName("dimension", filter.dimension) })}
            onClick={() => ask({ filters: question.filters.filter((_, other) => other !== index) })}
            className="grid size-7 place-items-center rounded-lg text-ink-3 hover:text-ink"
          >
            <Icon name="close" className="!size-3.5" />
          </button>
        </li>
      ))}
      {question.filters.length > 1 && (
        <li>
          <button
            type="button"
            className="h-8 rounded-lg px-2 text-[13px] text-ink-2 hover:bg-sunken"
            onClick={() => ask({ filters: [] })}
          >
            {t("filter.clear")}
          </button>
        </li>
      )}
    </ul>
  );
}

function valuesText({ dimension, values }: Filter): string {
  const names = values.slice(0, VALUES_SHOWN).map((value) => valueName(dimension, value));
  const more = values.length - names.length;
  return names.join(", ") + (more > 0 ? ` +${more}` : "");
}
