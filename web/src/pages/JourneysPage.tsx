// Journeys: where visits go from a page, or how they got there, step by step.

import { useState } from "react";
import type { JourneyBody } from "../api/behaviour";
import { useJourneys } from "../api/behaviourHooks";
import { JourneyTable } from "../behaviour/JourneyTable";
import { SankeyChart } from "../behaviour/SankeyChart";
import { StepInput } from "../behaviour/StepInput";
import { t } from "../i18n/t";
import { base } from "../question/body";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Card } from "../ui/Card";
import { Segmented } from "../ui/Segmented";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { TableToggle } from "../ui/TableToggle";
import { QuestionPage } from "./QuestionPage";

const DEPTHS = ["3", "4", "5", "6"] as const;
/** Pages of each step; the rest are drawn as one. */
const NAMES = 8;

export function JourneysPage({ id }: { id: string }) {
  return (
    <QuestionPage id={id} section="journeys">
      <Journeys />
    </QuestionPage>
  );
}

function Journeys() {
  const subject = useSubject();
  const [at, setAt] = useParam("at", "");
  const [wanted, setDirection] = useParam("direction", "forwards");
  const [depthText, setDepth] = useParam("depth", "4");
  const [asTable, setAsTable] = useState(false);
  const backwards = wanted === "backwards";
  const direction = backwards ? "backwards" : "forwards";
  const depth = DEPTHS.find((candidate) => candidate === depthText) ?? "4";
  const body: JourneyBody = {
    ...base(subject),
    depth: Number(depth),
    limit: NAMES,
    ...(at && (backwards ? { to: at } : { from: at })),
  };
  const answer = useJourneys(body);
  const journey = answer.data;
  return (
    <>
      <section
        aria-label={t("journeys.question")}
        className="flex flex-wrap items-center gap-3 rounded-2xl border border-line bg-surface p-4 shadow-card"
      >
        <Segmented
          label={t("journeys.direction")}
          options={[
            { id: "forwards", label: t("journeys.forwards") },
            { id: "backwards", label: t("journeys.backwards") },
          ]}
          selected={direction}
          onSelect={setDirection}
        />
        <div className="flex w-full min-w-0 sm:w-80">
          <StepInput
            step={{ kind: "page", value: at }}
            kinds={["page"]}
            label={t(`journeys.at.${direction}`)}
            placeholder={t(`journeys.anywhere.${direction}`)}
            onChange={(step) => setAt(step.value.trim())}
          />
        </div>
        <span className="flex-1 max-sm:hidden" />
        <Segmented
          label={t("journeys.depth")}
          options={DEPTHS.map((id) => ({ id, label: id }))}
          selected={depth}
          onSelect={setDepth}
        />
      </section>
      <Card
        title={t("journeys.title")}
        actions={<TableToggle on={asTable} onToggle={setAsTable} />}
      >
        {answer.isPending ? (
          <Loading>
            <Skeleton className="h-[440px]" />
          </Loading>
        ) : answer.isError && !journey ? (
          <Failure error={answer.error} onRetry={() => answer.refetch()} />
        ) : !journey || journey.nodes.length === 0 ? (
          <Empty title={t("panel.empty")}>{t("panel.emptyHint")}</Empty>
        ) : (
          <div className={`transition-opacity ${answer.isPlaceholderData ? "opacity-60" : ""}`}>
            {asTable ? (
              <JourneyTable journey={journey} onStart={setAt} />
            ) : (
              <SankeyChart journey={journey} backwards={backwards} onStart={setAt} />
            )}
          </div>
        )}
      </Card>
    </>
  );
}
