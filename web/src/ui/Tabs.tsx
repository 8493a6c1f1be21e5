// Tabs above a panel: arrow keys move, as the ARIA practice says.

import type { KeyboardEvent } from "react";

export interface Tab {
  id: string;
  label: string;
}

export function Tabs({
  label,
  tabs,
  selected,
  panelId,
  onSelect,
}: {
  label: string;
  tabs: Tab[];
  selected: string;
  panelId: string;
  onSelect: (id: string) => void;
}) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const index = tabs.findIndex((tab) => tab.id === selected);
    const next = tabs.at((index + step) % tabs.length);
    if (!next) return;
    onSelect(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return (
    <div
      role="tablist"
      aria-label={label}
      className="-mb-px flex min-w-0 gap-3.5 overflow-x-auto pr-4 [mask-image:linear-gradient(to_left,transparent,black_1.25rem)] sm:gap-4 [scrollbar-width:none]"
      onKeyDown={move}
    >
      {tabs.map((tab) => {
        const on = tab.id === selected;
        return (
          <button
            key={tab.id}
            type="button"
            role="tab"
            data-tab={tab.id}
            aria-selected={on}
            aria-controls={panelId}
            tabIndex={on ? 0 : -1}
            onClick={() => onSelect(tab.id)}
            className={`h-11 shrink-0 border-b-2 font-medium transition-colors focus-visible:-outline-offset-2 ${
              on ? "border-accent text-ink" : "border-transparent text-ink-3 hover:text-ink"
            }`}
          >
            {tab.label}
          </button>
        );
      })}
    </div>
  );
}
