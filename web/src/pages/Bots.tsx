// Who was taken for a bot, by name, and the way to the dashboard of their traffic.

import { useAnswer } from "../api/hooks";
import { formatCount } from "../format/number";
import { t } from "../i18n/t";
import { addDays, todayIn } from "../question/dates";
import { useNow } from "../state/now";
import { Card } from "../ui/Card";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";

const ROWS = 12;
const DAYS = 30;
const MINUTE_MS = 60_000;

export function Bots({ project, zone }: { project: string; zone: string }) {
  const today = todayIn(zone, new Date(useNow(MINUTE_MS)));
  const answer = useAnswer({
    site_id: project,
    traffic: "bots",
    metrics: ["pageviews"],
    dimensions: ["event:props:bot", "visit:browser"],
    date_range: [addDays(today, 1 - DAYS), today],
    pagination: { limit: ROWS, offset: 0 },
  });
  const look = (
    <a
      className="text-[13px] text-accent-ink hover:underline"
      href={`/projects/${project}?traffic=bots`}
    >
      {t("health.botsLook")}
    </a>
  );
  return (
    <Card title={t("health.bots")} actions={look}>
      <p className="mb-3 text-[13px] text-ink-3">{t("health.botsText")}</p>
      {answer.isPending ? (
        <Loading>
          <Skeleton className="h-24" />
        </Loading>
      ) : answer.isError && !answer.data ? (
        <Failure error={answer.error} onRetry={() => answer.refetch()} />
      ) : answer.data?.results.length ? (
        <table className="w-full">
          <tbody className="divide-y divide-line">
            {answer.data.results.map(({ dimensions: [sort, name], metrics: [views] }) => (
              <tr key={`${sort} ${name}`}>
                <td className="max-w-48 truncate py-1.5">{name}</td>
                <td className="py-1.5 text-ink-3">{sort}</td>
                <td className="py-1.5 text-right font-medium tabular-nums">
                  {formatCount(views ?? 0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Empty title={t("health.botsNone")} />
      )}
    </Card>
  );
}
