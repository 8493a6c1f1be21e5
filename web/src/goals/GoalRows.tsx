// Goals with who reached them and which share of all visitors that is; without any, how to begin.

import { lazy, Suspense, useState } from "react";
import { useGoals } from "../api/savedHooks";
import { t } from "../i18n/t";
import { withLater } from "../i18n/withLater";
import { GOALS } from "../panels/catalogue";
import { RowList } from "../panels/RowList";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";

const GoalsDialog = lazy(() => withLater(() => import("./GoalsDialog")));

export default function GoalRows() {
  const { site } = useSubject();
  const goals = useGoals(site);
  const [managing, setManaging] = useState(false);
  const manage = (
    <Button className="!h-8" onClick={() => setManaging(true)}>
      <Icon name="plus" />
      {t(goals.data?.length ? "goals.manage" : "goals.first")}
    </Button>
  );
  return (
    <>
      {goals.isPending ? (
        <Loading>
          <Skeleton className="h-32" />
        </Loading>
      ) : goals.isError ? (
        <Failure error={goals.error} onRetry={() => goals.refetch()} />
      ) : goals.data.length === 0 ? (
        <Empty title={t("goals.none")}>
          <p className="mb-3">{t("goals.noneHint")}</p>
          {manage}
        </Empty>
      ) : (
        <>
          <RowList breakdown={GOALS} />
          <div className="mt-2 flex justify-end">{manage}</div>
        </>
      )}
      <Suspense>
        {managing && <GoalsDialog project={site} onClose={() => setManaging(false)} />}
      </Suspense>
    </>
  );
}
