// Events by one of their properties. The reader names the property; names used before are
// offered again from this browser's memory.

import { type FormEvent, useId, useState } from "react";
import { t } from "../i18n/t";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Empty } from "../ui/states";
import { propertyBreakdown } from "./catalogue";
import { RowList } from "./RowList";

const REMEMBERED_MAX = 12;

function remembered(key: string): string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(list) ? list.filter((name) => typeof name === "string") : [];
  } catch {
    return [];
  }
}

function remember(key: string, name: string): void {
  const names = [name, ...remembered(key).filter((other) => other !== name)];
  try {
    localStorage.setItem(key, JSON.stringify(names.slice(0, REMEMBERED_MAX)));
  } catch {
    // Storage is switched off or full: nothing to offer next time.
  }
}

export function PropertyRows() {
  const { site } = useSubject();
  const memory = `almanac.properties.${site}`;
  const [property, setProperty] = useParam("property", "");
  const [draft, setDraft] = useState(property);
  const listId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const name = draft.trim();
    if (name) remember(memory, name);
    setProperty(name);
  };
  return (
    <div className="flex h-full flex-col">
      <form onSubmit={submit} className="mb-2 flex gap-2">
        <input
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          list={listId}
          maxLength={300}
          aria-label={t("panel.property")}
          placeholder={t("panel.propertyHint")}
          className="h-8 min-w-0 flex-1 rounded-lg border border-line-strong bg-surface px-2.5 placeholder:text-ink-3 sm:max-w-xs"
        />
        <datalist id={listId}>
          {remembered(memory).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Button type="submit" className="!h-8">
          {t("panel.propertyShow")}
        </Button>
      </form>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {property ? (
          <RowList breakdown={propertyBreakdown(property)} />
        ) : (
          <Empty title={t("panel.propertyNone")}>{t("panel.propertyNoneHint")}</Empty>
        )}
      </div>
    </div>
  );
}
