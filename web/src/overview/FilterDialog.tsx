// Builds or edits one filter: dimension, operator, values, with the most frequent values offered.

import { type FormEvent, useEffect, useState } from "react";
import { useAnswer } from "../api/hooks";
import { valueName } from "../format/names";
import { formatShort } from "../format/number";
import { t, tName } from "../i18n/t";
import { FILTER_DIMENSIONS } from "../panels/catalogue";
import { breakdownBody } from "../question/body";
import { FILTER_OPS, type Filter, type FilterOp } from "../question/filters";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { INPUT_CLASS } from "../ui/Field";
import { Icon } from "../ui/icons";

const SUGGESTIONS_MAX = 8;
const TYPING_PAUSE_MS = 150;
const FRESH: Filter = { op: "is", dimension: "event:page", values: [] };

/** `index` beyond the list: a new filter. */
export default function FilterDialog({ index, onClose }: { index: number; onClose: () => void }) {
  const { question, ask } = useSubject();
  const [draft, setDraft] = useState<Filter>(question.filters[index] ?? FRESH);
  const [typed, setTyped] = useState("");

  const toggle = (value: string) =>
    setDraft({
      ...draft,
      values: draft.values.includes(value)
        ? draft.values.filter((other) => other !== value)
        : [...draft.values, value],
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const text = typed.trim();
    const values = text && !draft.values.includes(text) ? [...draft.values, text] : draft.values;
    if (values.length === 0) return;
    const filters = question.filters.slice();
    filters[Math.min(index, filters.length)] = { ...draft, values };
    ask({ filters });
    onClose();
  };

  const known: readonly string[] = FILTER_DIMENSIONS;
  return (
    <Dialog
      title={t(index < question.filters.length ? "filter.edit" : "filter.add")}
      onClose={onClose}
    >
      <form onSubmit={submit} className="flex flex-col gap-3 p-5">
        <div className="grid grid-cols-2 gap-2">
          <select
            aria-label={t("filter.dimension")}
            className={INPUT_CLASS}
            value={draft.dimension}
            onChange={(event) => setDraft({ ...draft, dimension: event.target.value, values: [] })}
          >
            {!known.includes(draft.dimension) && (
              <option value={draft.dimension}>{tName("dimension", draft.dimension)}</option>
            )}
            {FILTER_DIMENSIONS.map((dimension) => (
              <option key={dimension} value={dimension}>
                {tName("dimension", dimension)}
              </option>
            ))}
          </select>
          <select
            aria-label={t("filter.operator")}
            className={INPUT_CLASS}
            value={draft.op}
            onChange={(event) => setDraft({ ...draft, op: event.target.value as FilterOp })}
          >
            {FILTER_OPS.map((op) => (
              <option key={op} value={op}>
                {t(`op.${op}`)}
              </option>
            ))}
          </select>
        </div>
        <Chosen filter={draft} onRemove={toggle} />
        <input
          data-autofocus=""
          aria-label={t("filter.value")}
          placeholder={t("filter.value")}
          className={INPUT_CLASS}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Suggestions
          dimension={draft.dimension}
          typed={typed}
          chosen={draft.values}
          onToggle={(value) => {
            toggle(value);
            setTyped("");
          }}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={draft.values.length === 0 && !typed.trim()}
          >
            {t("filter.apply")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Chosen({ filter, onRemove }: { filter: Filter; onRemove: (value: string) => void }) {
  if (filter.values.length === 0) return null;
  return (
    <ul className="flex flex-wrap gap-1.5">
      {filter.values.map((value) => (
        <li key={value}>
          <button
            type="button"
            onClick={() => onRemove(value)}
            aria-label={t("filter.removeValue", { value })}
            className="flex h-7 items-center gap-1 rounded-md bg-accent-soft px-2 text-accent-ink"
          >
            {valueName(filter.dimension, value)}
            <Icon name="close" className="!size-3" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Suggestions({
  dimension,
  typed,
  chosen,
  onToggle,
}: {
  dimension: string;
  typed: string;
  chosen: string[];
  onToggle: (value: string) => void;
}) {
  const subject = useSubject();
  const [search, setSearch] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setSearch(typed), TYPING_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const answer = useAnswer(
    breakdownBody(subject, { dimension, metrics: ["visitors"], limit: SUGGESTIONS_MAX, search }),
  );
  const rows = answer.isPlaceholderData ? [] : (answer.data?.results ?? []);
  return (
    <ul
      className="h-64 overflow-y-auto"
      aria-label={t("filter.suggestions")}
      aria-busy={answer.isFetching}
    >
      {rows.map((row) => {
        const value = row.dimensions[0] ?? "";
        return (
          <li key={value}>
            <button
              type="button"
              aria-pressed={chosen.includes(value)}
              onClick={() => onToggle(value)}
              className="flex h-8 w-full items-center gap-2 rounded-md px-2 text-left hover:bg-sunken"
            >
              <span className="min-w-0 flex-1 truncate">{valueName(dimension, value)}</span>
              {chosen.includes(value) && <Icon name="check" className="text-accent-ink" />}
              <span className="text-ink-3 tabular-nums">{formatShort(row.metrics[0] ?? 0)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
