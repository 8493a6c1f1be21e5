// Funnels: how many visitors get from one step to the next, and where they are lost. The funnel is
// kept in the URL, so that it can be shared.

import { useState } from "react";
import { useFunnel } from "../api/behaviourHooks";
import { FunnelBars } from "../behaviour/FunnelBars";
import { FunnelBuilder } from "../behaviour/FunnelBuilder";
import { FunnelTable } from "../behaviour/FunnelTable";
import {
  type FunnelQuestion,
  funnelBody,
  parseFunnel,
  writeFunnel,
} from "../behaviour/funnelQuestion";
import { formatPercent } from "../format/number";
import { t } from "../i18n/t";
import { useParams } from "../state/params";
import { useSubject } from "../state/subject";
import { Card } from "../ui/Card";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { TableToggle } from "../ui/TableToggle";
import { QuestionPage } from "./QuestionPage";

export function FunnelsPage({ id }: { id: string }) {
  return (
    <QuestionPage id={id} section="funnels">
      <Funnel />
    </QuestionPage>
  );
}

function Funnel() {
  const [params, setParams] = useParams();
  const funnel = parseFunnel(params);
  const change = (next: FunnelQuestion) => setParams((current) => writeFunnel(current, next));
  return (
    <>
      <FunnelBuilder funnel={funnel} onChange={change} />
      <Result funnel={funnel} />
    </>
  );
}

function Result({ funnel }: { funnel: FunnelQuestion }) {
  const subject = useSubject();
  const body = funnelBody(subject, funnel);
  const answer = useFunnel(body);
  const [asTable, setAsTable] = useState(false);
  const shown = body && answer.data;
  return (
    <Card
      title={
        shown
          ? t("funnel.result", { rate: formatPercent(shown.conversion_rate) })
          : t("funnel.title")
      }
      actions={shown && <TableToggle on={asTable} onToggle={setAsTable} />}
    >
      {body === null ? (
        <Empty title={t("funnel.build")}>{t("funnel.buildHint")}</Empty>
      ) : answer.isError && !shown ? (
        <Failure error={answer.error} onRetry={() => answer.refetch()} />
      ) : !shown ? (
        <Loading>
          <Skeleton className="h-72" />
        </Loading>
      ) : shown.steps[0]?.visitors === 0 ? (
        <Empty title={t("funnel.nobody")}>{t("panel.emptyHint")}</Empty>
      ) : (
        <div className={`transition-opacity ${answer.isPlaceholderData ? "opacity-60" : ""}`}>
          {!asTable && <FunnelBars steps={shown.steps} />}
          {(asTable || funnel.by) && (
            <div className={asTable ? "" : "mt-6"}>
              <FunnelTable answer={shown} dimension={funnel.by} />
            </div>
          )}
        </div>
      )}
    </Card>
  );
}
