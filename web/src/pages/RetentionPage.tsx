// Retention: of those who came in one week, how many came back in the weeks after.

import { useState } from "react";
import type { CohortUnit, RetentionBody } from "../api/behaviour";
import { useRetention } from "../api/behaviourHooks";
import { CohortTable } from "../behaviour/CohortTable";
import { StepInput } from "../behaviour/StepInput";
import { filtersOf, isComplete, parseStep, type Step, stepText } from "../behaviour/steps";
import { t } from "../i18n/t";
import { base } from "../question/body";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Card } from "../ui/Card";
import { Segmented } from "../ui/Segmented";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { QuestionPage } from "./QuestionPage";

const UNITS = ["day", "week", "month"] as const satisfies readonly CohortUnit[];
const ANYTHING: Step = { kind: "page", value: "" };

export function RetentionPage({ id }: { id: string }) {
  return (
    <QuestionPage id={id} section="retention">
      <Retention />
    </QuestionPage>
  );
}

function Retention() {
  const subject = useSubject();
  const [wanted, setUnit] = useParam("cohorts", "week");
  const unit = UNITS.find((candidate) => candidate === wanted) ?? "week";
  const [startText, setStart] = useParam("start", "");
  const [backText, setBack] = useParam("back", "");
  const [counts, setCounts] = useState(false);
  const start = parseStep(startText) ?? ANYTHING;
  const back = parseStep(backText) ?? ANYTHING;
  const body: RetentionBody = {
    ...base(subject),
    unit,
    ...(isComplete(start) && { start: filtersOf(start) }),
    ...(isComplete(back) && { return: filtersOf(back) }),
  };
  const answer = useRetention(body);
  const cohorts = answer.data?.cohorts ?? [];
  return (
    <>
      {subject.project.identity === "cookieless" && <OnlyOneDay />}
      <section
        aria-label={t("retention.question")}
        className="flex flex-wrap items-end gap-3 rounded-2xl border border-line bg-surface p-4 shadow-card"
      >
        <Labelled label={t("retention.start")}>
          <StepInput
            step={start}
            label={t("retention.start")}
            placeholder={t("retention.anything")}
            onChange={(step) => setStart(stepText(step))}
          />
        </Labelled>
        <Labelled label={t("retention.back")}>
          <StepInput
            step={back}
            label={t("retention.back")}
            placeholder={t("retention.anything")}
            onChange={(step) => setBack(stepText(step))}
          />
        </Labelled>
        <Segmented
          label={t("retention.by")}
          options={UNITS.map((id) => ({ id, label: t(`interval.${id}`) }))}
          selected={unit}
          onSelect={setUnit}
        />
      </section>
      <Card
        title={t("retention.title")}
        actions={
          <Segmented
            label={t("retention.show")}
            options={[
              { id: "shares", label: "%" },
              { id: "counts", label: t("metric.visitors") },
            ]}
            selected={counts ? "counts" : "shares"}
            onSelect={(id) => setCounts(id === "counts")}
          />
        }
      >
        {answer.isPending ? (
          <Loading>
            <Skeleton className="h-72" />
          </Loading>
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} onRetry={() => answer.refetch()} />
        ) : cohorts.length === 0 ? (
          <Empty title={t("panel.empty")}>{t("panel.emptyHint")}</Empty>
        ) : (
          <div className={`transition-opacity ${answer.isPlaceholderData ? "opacity-60" : ""}`}>
            <CohortTable cohorts={cohorts} unit={unit} counts={counts} />
          </div>
        )}
      </Card>
    </>
  );
}

/** Cookieless visitors are forgotten at midnight, so nobody is ever seen to come back. */
function OnlyOneDay() {
  return <p className="rounded-xl bg-warn-soft px-4 py-3 text-warn">{t("retention.cookieless")}</p>;
}

function Labelled({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="flex w-full min-w-0 flex-col gap-1 sm:w-72">
      <span className="text-[13px] text-ink-3" aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  );
}
