// The overview: one question, asked of everything on the page.

import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { t } from "../i18n/t";
import { ChartCard } from "../overview/ChartCard";
import { QuestionBar } from "../overview/QuestionBar";
import { Panels } from "../panels/Panels";
import { CHART_METRICS, isChartMetric } from "../question/metrics";
import { useParams } from "../state/params";
import { SubjectProvider, useSubject } from "../state/subject";
import { useTitle } from "../state/title";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { ProjectFrame } from "./ProjectFrame";

const DetailsDialog = lazy(() => import("../panels/DetailsDialog"));

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

function Overview() {
  const { project, question, ask, site } = useSubject();
  const [params] = useParams();
  useTitle(project.name);
  return (
    <div className="flex flex-col gap-4">
      <QuestionBar>
        <h1 className="sr-only">{project.name}</h1>
      </QuestionBar>
      {project.first_event_at === null && <NoEventYet id={site} />}
      <ErrorBoundary>
        <ChartCard
          metrics={CHART_METRICS}
          metric={question.metric}
          onMetric={(metric) => isChartMetric(metric) && ask({ metric })}
        />
      </ErrorBoundary>
      <Panels />
      <Suspense>{params.has("details") && <DetailsDialog />}</Suspense>
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
