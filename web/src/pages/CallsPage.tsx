// Calls of tools and of models: how many, how well, how fast, what they cost, and by what.

import { useState } from "react";
import { useAnswer } from "../api/hooks";
import type { Metric } from "../api/types";
import { CALLS, type CallsView } from "../calls/catalogue";
import { t } from "../i18n/t";
import { ChartCard } from "../overview/ChartCard";
import { DetailsTable } from "../panels/DetailsTable";
import { breakdownBody } from "../question/body";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { Tabs } from "../ui/Tabs";
import { QuestionPage } from "./QuestionPage";

const ROWS_MAX = 50;

export function CallsPage({ id }: { id: string }) {
  return (
    <QuestionPage id={id} section="calls" compares>
      <Calls />
    </QuestionPage>
  );
}

function Calls() {
  const [of, setOf] = useParam("of", "tools");
  const view = of === "models" ? CALLS.models : CALLS.tools;
  const [wanted, setMetric] = useParam("metric", "calls");
  const metric = view.metrics.find((candidate) => candidate === wanted) ?? "calls";
  const panel = "calls-panel";
  return (
    <>
      <div className="border-line border-b">
        <Tabs
          label={t("nav.calls")}
          tabs={[
            { id: "tools", label: t("calls.tools") },
            { id: "models", label: t("calls.models") },
          ]}
          selected={of === "models" ? "models" : "tools"}
          panelId={panel}
          onSelect={setOf}
        />
      </div>
      <div id={panel} role="tabpanel" aria-label={t(view.label)} className="flex flex-col gap-4">
        <ChartCard
          metrics={view.metrics}
          metric={metric}
          onMetric={(next) => setMetric(next)}
          filter={view.filter}
        />
        <Breakdown key={view.label} view={view} />
      </div>
    </>
  );
}

function Breakdown({ view }: { view: CallsView }) {
  const subject = useSubject();
  const [by, setBy] = useParam("by", view.dimensions[0] ?? "");
  const dimension = view.dimensions.find((candidate) => candidate === by) ?? view.dimensions[0];
  const [order, setOrder] = useState<[string, "asc" | "desc"]>(["calls", "desc"]);
  const metrics: Metric[] = [...view.columns];
  const answer = useAnswer(
    breakdownBody(subject, {
      dimension: dimension ?? "",
      metrics,
      limit: ROWS_MAX,
      filter: view.filter,
      orderBy: order,
    }),
  );
  const rows = answer.data?.results ?? [];
  return (
    <section
      aria-label={t("calls.by")}
      className="min-w-0 rounded-2xl border border-line bg-surface shadow-card"
    >
      <header className="border-line border-b pl-4">
        <Tabs
          label={t("calls.by")}
          tabs={view.dimensions.map((id) => ({ id, label: t(`dimension.${id}`) }))}
          selected={dimension ?? ""}
          panelId="calls-rows"
          onSelect={setBy}
        />
      </header>
      <div
        id="calls-rows"
        role="tabpanel"
        aria-label={dimension && t(`dimension.${dimension}`)}
        className="min-h-44 overflow-x-auto pb-2"
      >
        {answer.isPending ? (
          <Loading>
            <Skeleton className="m-5 h-32" />
          </Loading>
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} onRetry={() => answer.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title={t("calls.none")}>{t("calls.noneHint")}</Empty>
        ) : (
          <DetailsTable
            breakdown={{ id: "calls", label: view.label, dimension: dimension ?? "", metrics }}
            rows={rows}
            stale={answer.isPlaceholderData}
            order={order}
            onOrder={setOrder}
          />
        )}
      </div>
    </section>
  );
}
