// All projects, each with its last four weeks at a glance.

import { Link } from "wouter";
import { useAnswer, useProjects } from "../api/hooks";
import type { Project } from "../api/types";
import { Sparkline } from "../charts/Sparkline";
import { formatShort } from "../format/number";
import { t } from "../i18n/t";
import { seriesBody, totalsBody } from "../question/body";
import { todayIn } from "../question/dates";
import { pointsOf } from "../question/series";
import { parseQuestion } from "../question/url";
import { useTitle } from "../state/title";
import { AppFrame } from "../ui/AppFrame";
import { buttonClass } from "../ui/Button";
import { Change } from "../ui/Change";
import { Icon, Logo } from "../ui/icons";
import { Failure, Loading, Skeleton } from "../ui/states";

const DEFAULT_QUESTION = parseQuestion(new URLSearchParams());

export function ProjectsPage() {
  useTitle(t("nav.projects"));
  const projects = useProjects();
  if (projects.isPending) {
    return (
      <AppFrame>
        <Loading>
          <div className="mt-16 grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {["a", "b", "c"].map((key) => (
              <Skeleton key={key} className="h-48 rounded-2xl" />
            ))}
          </div>
        </Loading>
      </AppFrame>
    );
  }
  if (projects.isError) {
    return (
      <AppFrame>
        <Failure error={projects.error} onRetry={() => projects.refetch()} />
      </AppFrame>
    );
  }
  const list = projects.data.projects;
  return (
    <AppFrame>
      {list.length === 0 ? (
        <FirstProject />
      ) : (
        <>
          <div className="mt-4 mb-5 flex items-center">
            <h1 className="mr-auto font-semibold text-[22px] tracking-tight">
              {t("nav.projects")}
            </h1>
            <Link href="/projects/new" className={buttonClass({ variant: "primary" })}>
              <Icon name="plus" />
              {t("projects.new")}
            </Link>
          </div>
          <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {list.map((project) => (
              <li key={project.id}>
                <ProjectCard project={project} />
              </li>
            ))}
          </ul>
        </>
      )}
    </AppFrame>
  );
}

function FirstProject() {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-5 py-28 text-center">
      <Logo className="!size-12" />
      <div>
        <h1 className="mb-1 font-semibold text-[22px] tracking-tight">{t("projects.first")}</h1>
        <p className="text-ink-2 text-balance">{t("projects.firstText")}</p>
      </div>
      <Link href="/projects/new" className={buttonClass({ variant: "primary", size: "lg" })}>
        <Icon name="plus" />
        {t("projects.new")}
      </Link>
    </div>
  );
}

function ProjectCard({ project }: { project: Project }) {
  const waiting = project.first_event_at === null;
  const href = waiting ? `/projects/${project.id}/onboarding` : `/projects/${project.id}`;
  return (
    <Link
      href={href}
      className="flex h-full flex-col overflow-hidden rounded-2xl border border-line bg-surface shadow-card transition-colors hover:border-line-strong"
    >
      <div className="flex items-baseline gap-2 px-5 pt-4">
        <h2 className="truncate font-semibold text-[15px]">{project.name}</h2>
        <p className="ml-auto truncate text-[13px] text-ink-3">{project.domain}</p>
      </div>
      {waiting ? (
        <p className="flex flex-1 items-center gap-2 px-5 py-8 text-ink-2">
          <span className="size-2 animate-breathe rounded-full bg-warn" aria-hidden="true" />
          {t("projects.waiting")}
        </p>
      ) : (
        <Glance project={project} />
      )}
    </Link>
  );
}

function Glance({ project }: { project: Project }) {
  const today = todayIn(project.time_zone, new Date());
  const subject = { site: project.id, today, question: DEFAULT_QUESTION };
  const totals = useAnswer(totalsBody(subject));
  const series = useAnswer(seriesBody(subject));
  if (totals.isError || series.isError) {
    return <p className="px-5 py-8 text-ink-3">{t("common.failed")}</p>;
  }
  const row = totals.data?.results[0];
  const visitors = row?.metrics[0] ?? null;
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-2 px-5 pt-3 tabular-nums">
        {visitors === null ? (
          <Skeleton className="my-1 h-7 w-20" />
        ) : (
          <span className="font-semibold text-[26px] leading-9 tracking-tight">
            {formatShort(visitors)}
          </span>
        )}
        {row?.comparison && <Change metric="visitors" change={row.comparison.change[0] ?? null} />}
        <span className="ml-auto text-[13px] text-ink-3">{t("projects.glance")}</span>
      </div>
      <Sparkline
        values={
          series.data ? pointsOf(series.data, ["visitors"]).map((point) => point.value ?? 0) : []
        }
        className="mt-3 h-16 w-full"
      />
    </>
  );
}
