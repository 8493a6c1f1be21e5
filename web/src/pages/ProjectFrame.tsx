// The frame of a project's pages: switcher, sections, live visitors. It loads the project and
// shows its absence; pages inside are given a project that is there.

import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { ApiError } from "../api/client";
import { useHasCalls, useProject, useProjects } from "../api/hooks";
import type { Project } from "../api/types";
import { t } from "../i18n/t";
import { LiveBadge } from "../overview/LiveBadge";
import { AppFrame } from "../ui/AppFrame";
import { Icon } from "../ui/icons";
import { Popover, PopoverItem } from "../ui/Popover";
import { Failure, Loading, Skeleton } from "../ui/states";
import { NotFound } from "./NotFound";

const SECTIONS = [
  "overview",
  "realtime",
  "funnels",
  "retention",
  "journeys",
  "forecast",
  "calls",
  "health",
  "settings",
] as const;

export type Section = (typeof SECTIONS)[number];

export const sectionPath = (id: string, section: Section): string =>
  section === "overview" ? `/projects/${id}` : `/projects/${id}/${section}`;

export function ProjectFrame({
  id,
  section,
  children,
}: {
  id: string;
  section: Section;
  children: (project: Project, snippet: string) => ReactNode;
}) {
  const project = useProject(id);
  if (project.error instanceof ApiError && project.error.status === 404) {
    return (
      <AppFrame>
        <NotFound />
      </AppFrame>
    );
  }
  return (
    <AppFrame
      bar={<ProjectBar id={id} section={section} />}
      nav={<Sections id={id} current={section} />}
    >
      {project.isPending ? (
        <Loading>
          <Skeleton className="mb-4 h-9 w-full" />
          <Skeleton className="h-[420px] rounded-2xl" />
        </Loading>
      ) : project.isError ? (
        <Failure error={project.error} onRetry={() => project.refetch()} />
      ) : (
        children(project.data.project, project.data.snippet)
      )}
    </AppFrame>
  );
}

function ProjectBar({ id, section }: { id: string; section: Section }) {
  const [, navigate] = useLocation();
  const projects = useProjects().data?.projects ?? [];
  const current = projects.find((project) => project.id === id);
  return (
    <>
      <Popover
        label={t("nav.switch", { project: current?.name ?? "" })}
        align="start"
        triggerClass="flex h-9 max-w-full items-center gap-1.5 rounded-lg px-2 font-semibold text-[15px] tracking-tight hover:bg-sunken"
        trigger={
          <>
            <span className="max-w-44 truncate">{current?.name ?? "…"}</span>
            <Icon name="chevronDown" className="!size-3.5 text-ink-3" />
          </>
        }
        panelClass="sm:w-72"
      >
        {(close) => (
          <>
            <div className="max-h-80 overflow-y-auto">
              {projects.map((project) => (
                <PopoverItem
                  key={project.id}
                  selected={project.id === id}
                  hint={project.domain}
                  onSelect={() => {
                    close();
                    navigate(sectionPath(project.id, section));
                  }}
                >
                  {project.name}
                </PopoverItem>
              ))}
            </div>
            <div className="mt-1 border-line border-t pt-1">
              <PopoverItem onSelect={() => navigate("/")}>{t("nav.projects")}</PopoverItem>
              <PopoverItem onSelect={() => navigate("/projects/new")}>
                {t("projects.new")}
              </PopoverItem>
            </div>
          </>
        )}
      </Popover>
      <LiveBadge project={id} />
    </>
  );
}

/** On a phone the sections scroll: the one that is open is brought into view. */
const reveal = (link: HTMLAnchorElement | null) =>
  link?.scrollIntoView({ block: "nearest", inline: "center" });

function Sections({ id, current }: { id: string; current: Section }) {
  const calls = useHasCalls(id);
  const shown = SECTIONS.filter((name) => name !== "calls" || calls || current === "calls");
  return (
    <nav aria-label={t("nav.sections")} className="mx-auto max-w-[1240px] px-4">
      <ul className="-mb-px flex gap-5 overflow-x-auto [scrollbar-width:none]">
        {shown.map((section) => (
          <li key={section} className="shrink-0">
            <Link
              ref={section === current ? reveal : undefined}
              href={sectionPath(id, section)}
              aria-current={section === current ? "page" : undefined}
              className={`block border-b-2 pb-2 font-medium ${
                section === current
                  ? "border-accent text-ink"
                  : "border-transparent text-ink-3 hover:text-ink"
              }`}
            >
              {t(`nav.${section}`)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
