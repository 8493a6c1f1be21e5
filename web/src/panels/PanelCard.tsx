// The frame of a breakdown panel: tabs above, rows between, details below. Its open tab and its
// open details live in the URL.

import { type ReactNode, useId } from "react";
import { t } from "../i18n/t";
import { useParam } from "../state/params";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Icon } from "../ui/icons";
import { Tabs } from "../ui/Tabs";

export interface CardTab {
  id: string;
  label: string;
  body: ReactNode;
  /** What the details are about; absent: there are none. */
  detailsId?: string;
}

export function PanelCard({
  id,
  label,
  tabs,
  extra,
  grows = false,
}: {
  id: string;
  label: string;
  tabs: CardTab[];
  extra?: ReactNode;
  /** As tall as its rows, for a panel with no neighbour to line up with. */
  grows?: boolean;
}) {
  const [selected, select] = useParam(id, tabs[0]?.id ?? "");
  const [, showDetails] = useParam("details", "");
  const tab = tabs.find((candidate) => candidate.id === selected) ?? tabs[0];
  const panelId = useId();
  if (!tab) return null;
  return (
    <section
      aria-label={label}
      className="flex min-w-0 flex-col rounded-2xl border border-line bg-surface shadow-card"
    >
      <header className="flex items-center gap-3 border-line border-b pr-2 pl-4">
        <Tabs label={label} tabs={tabs} selected={tab.id} panelId={panelId} onSelect={select} />
        <span className="flex-1" />
        {extra}
        {tab.detailsId && (
          <button
            type="button"
            onClick={() => showDetails(tab.detailsId ?? "")}
            aria-label={t("panel.detailsOf", { panel: tab.label })}
            title={t("panel.details")}
            className="grid size-8 shrink-0 place-items-center rounded-lg text-ink-3 hover:bg-sunken hover:text-ink"
          >
            <Icon name="expand" />
          </button>
        )}
      </header>
      <div
        id={panelId}
        role="tabpanel"
        aria-label={tab.label}
        className={`${grows ? "min-h-44" : "min-h-52 lg:h-[342px]"} p-4 pt-3`}
      >
        <ErrorBoundary key={tab.id}>{tab.body}</ErrorBoundary>
      </div>
    </section>
  );
}
