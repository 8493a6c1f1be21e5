// The overview: one question, asked of everything on the page.

import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";
import { t } from "../i18n/t";
import { ChartCard } from "../overview/ChartCard";
import { CompareMenu } from "../overview/CompareMenu";
import { DatePicker, PRESET_KEYS } from "../overview/DatePicker";
import { FilterBar } from "../overview/FilterBar";
import { Panels } from "../panels/Panels";
import { PRESETS } from "../question/period";
import { useParams } from "../state/params";
import { type Shortcuts, useShortcuts } from "../state/shortcuts";
import { SubjectProvider, useSubject } from "../state/subject";
import { useTitle } from "../state/title";
import { Button } from "../ui/Button";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { Icon } from "../ui/icons";
import { ProjectFrame } from "./ProjectFrame";

const DetailsDialog = lazy(() => import("../panels/DetailsDialog"));
const FilterDialog = lazy(() => import("../overview/FilterDialog"));
const HelpDialog = lazy(() => import("../overview/HelpDialog"));

export function OverviewPage({ id }: { id: string }) {
  return (
    <ProjectFrame id={id} section="overview">
      {(project) => (
        <SubjectProvider key={project.id} project={project}>
          <Overview />
        </SubjectProvider>
      )}
    </ProjectFrame>
  );
}

type Open = { dialog: "filter"; index: number } | { dialog: "help" } | { dialog: "dates" } | null;

function Overview() {
  const { project, question, ask, site } = useSubject();
  const [, navigate] = useLocation();
  const [params] = useParams();
  const [open, setOpen] = useState<Open>(null);
  useTitle(project.name);
  const newFilter = () => setOpen({ dialog: "filter", index: question.filters.length });

  const shortcuts: Shortcuts = {
    "/": newFilter,
    "?": () => setOpen({ dialog: "help" }),
    c: () => setOpen({ dialog: "dates" }),
    r: () => navigate(`/projects/${site}/realtime`),
    x: () => ask({ compare: question.compare === "off" ? "previous_period" : "off" }),
    escape: () => question.filters.length > 0 && ask({ filters: [] }),
  };
  for (const preset of PRESETS) {
    shortcuts[PRESET_KEYS[preset].toLowerCase()] = () =>
      ask({ period: { kind: "preset", preset }, interval: null });
  }
  useShortcuts(shortcuts);

  return (
    <div className="flex flex-col gap-4">
      <div className="relative -mx-4 flex flex-wrap items-center gap-2 px-4">
        <h1 className="sr-only">{project.name}</h1>
        <Button onClick={newFilter} title={`${t("filter.add")} (/)`} aria-label={t("filter.add")}>
          <Icon name="filter" className="text-ink-3" />
          <span className="max-sm:hidden">{t("filter.button")}</span>
        </Button>
        <span className="flex-1" />
        <CompareMenu />
        <DatePicker
          open={open?.dialog === "dates"}
          onOpenChange={(value) => setOpen(value ? { dialog: "dates" } : null)}
        />
        <Button
          size="icon"
          variant="quiet"
          className="max-md:hidden"
          aria-label={t("help.title")}
          title={`${t("help.title")} (?)`}
          onClick={() => setOpen({ dialog: "help" })}
        >
          <Icon name="keyboard" />
        </Button>
      </div>
      {project.first_event_at === null && <NoEventYet id={site} />}
      <FilterBar onEdit={(index) => setOpen({ dialog: "filter", index })} />
      <ErrorBoundary>
        <ChartCard />
      </ErrorBoundary>
      <Panels />
      <Suspense>
        {params.has("details") && <DetailsDialog />}
        {open?.dialog === "filter" && (
          <FilterDialog index={open.index} onClose={() => setOpen(null)} />
        )}
        {open?.dialog === "help" && <HelpDialog onClose={() => setOpen(null)} />}
      </Suspense>
    </div>
  );
}

/** A project that never received anything has an obvious next step. */
function NoEventYet({ id }: { id: string }) {
  return (
    <p className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl bg-accent-soft px-4 py-3 text-accent-ink">
      {t("projects.waiting")}
      <Link
        href={`/projects/${id}/onboarding`}
        className="font-medium underline underline-offset-2"
      >
        {t("onboarding.title")}
      </Link>
    </p>
  );
}
