// The overview's panels, each a card over its part of the catalogue.

import { lazy, type ReactNode, Suspense } from "react";
import { t } from "../i18n/t";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Loading, Skeleton } from "../ui/states";
import {
  CAMPAIGNS,
  DEVICES,
  drilled,
  EVENTS,
  GOALS,
  PAGES,
  type Panel,
  PLACES,
  SOURCES,
} from "./catalogue";
import { type CardTab, PanelCard } from "./PanelCard";
import { RowList } from "./RowList";

const GoalRows = lazy(() => import("../goals/GoalRows"));
const PropertyRows = lazy(() => import("./PropertyRows"));
const WorldMap = lazy(() => import("./map/WorldMap"));

export function Panels() {
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <BreakdownPanel panel={PAGES} />
      <SourcesPanel />
      <PlacesPanel />
      <BreakdownPanel panel={DEVICES} />
      <EventsPanel />
    </div>
  );
}

function useTabs(panel: Panel): CardTab[] {
  const { filters } = useSubject().question;
  return panel.tabs.map((tab) => {
    const shown = drilled(tab, filters);
    return {
      id: tab.id,
      label: t(tab.label),
      body: <RowList breakdown={shown} />,
      detailsId: tab.id,
    };
  });
}

function BreakdownPanel({ panel }: { panel: Panel }) {
  return <PanelCard id={panel.id} label={t(panel.label)} tabs={useTabs(panel)} />;
}

function SourcesPanel() {
  const tabs = useTabs(SOURCES);
  const [utm, setUtm] = useParam("utm", "utm_campaign");
  const [open] = useParam("sources", "source");
  const campaign = CAMPAIGNS.find((breakdown) => breakdown.id === utm) ?? CAMPAIGNS[2];
  if (!campaign) return null;
  const campaigns: CardTab = {
    id: "campaigns",
    label: t("tab.campaigns"),
    body: <RowList breakdown={campaign} />,
    detailsId: campaign.id,
  };
  const choice = (
    <select
      aria-label={t("panel.campaignBy")}
      value={campaign.id}
      onChange={(event) => setUtm(event.target.value)}
      className="h-8 rounded-lg bg-surface px-1 text-ink-2 hover:bg-sunken"
    >
      {CAMPAIGNS.map((breakdown) => (
        <option key={breakdown.id} value={breakdown.id}>
          {t(breakdown.label)}
        </option>
      ))}
    </select>
  );
  return (
    <PanelCard
      id="sources"
      label={t("panel.sources")}
      tabs={[...tabs, campaigns]}
      extra={open === "campaigns" ? choice : null}
    />
  );
}

function PlacesPanel() {
  const [map, ...lists] = useTabs(PLACES);
  if (!map) return null;
  const body = (
    <Suspense
      fallback={
        <Loading>
          <Skeleton className="h-[310px]" />
        </Loading>
      }
    >
      <WorldMap />
    </Suspense>
  );
  return <PanelCard id="places" label={t("panel.places")} tabs={[{ ...map, body }, ...lists]} />;
}

/** What is fetched when its tab is opened. */
const later = (body: ReactNode) => (
  <Suspense
    fallback={
      <Loading>
        <Skeleton className="h-32" />
      </Loading>
    }
  >
    {body}
  </Suspense>
);

function EventsPanel() {
  return (
    <div className="min-w-0 lg:col-span-2">
      <PanelCard
        id="events"
        grows
        label={t("panel.events")}
        tabs={[
          {
            id: "names",
            label: t("tab.events"),
            body: <RowList breakdown={EVENTS} />,
            detailsId: EVENTS.id,
          },
          { id: "goals", label: t("tab.goals"), body: later(<GoalRows />), detailsId: GOALS.id },
          { id: "properties", label: t("tab.properties"), body: later(<PropertyRows />) },
        ]}
      />
    </div>
  );
}
