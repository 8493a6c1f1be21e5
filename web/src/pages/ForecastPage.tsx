// Forecast: what is expected of the coming days, how sure that is, and how well it went before.

import { useState } from "react";
import { useAccuracy, useForecast } from "../api/predictionHooks";
import type { Accuracy, Forecast, Series } from "../api/predictions";
import { Anomalies } from "../forecast/Anomalies";
import { daysOf, expectedSum, passedDays, sumBefore } from "../forecast/days";
import { FanChart } from "../forecast/FanChart";
import { FanTable } from "../forecast/FanTable";
import { Holidays } from "../forecast/Holidays";
import { ModelTable } from "../forecast/ModelTable";
import { Trend } from "../forecast/Trend";
import { Versions } from "../forecast/Versions";
import { formatMetric, formatPercent } from "../format/number";
import { sentence } from "../format/sentence";
import { t, tName } from "../i18n/t";
import { apiFilter } from "../question/filters";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Card } from "../ui/Card";
import { Segmented } from "../ui/Segmented";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { TableToggle } from "../ui/TableToggle";
import { QuestionPage } from "./QuestionPage";

const METRICS = ["pageviews", "visitors", "visits", "events"] as const;
const HORIZONS = ["7", "14", "28"] as const;
/** Past days beside each coming one, so that a longer horizon is seen from further away. */
const HISTORY_PER_DAY = 4;

export function ForecastPage({ id }: { id: string }) {
  return (
    <QuestionPage id={id} section="forecast" periods={false}>
      <Outlooks />
    </QuestionPage>
  );
}

function Outlooks() {
  const { site, question, project } = useSubject();
  const [wanted, setMetric] = useParam("metric", "pageviews");
  const [horizon, setHorizon] = useParam("days", "7");
  const metric = METRICS.find((candidate) => candidate === wanted) ?? "pageviews";
  const days = HORIZONS.find((candidate) => candidate === horizon) ?? "7";
  const series: Series = { site_id: site, metric, filters: question.filters.map(apiFilter) };
  const forecast = useForecast(series, Number(days));
  const accuracy = useAccuracy(series);
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <Segmented
          label={t("forecast.metric")}
          options={METRICS.map((id) => ({ id, label: tName("metric", id) }))}
          selected={metric}
          onSelect={setMetric}
        />
        <span className="flex-1" />
        <Segmented
          label={t("forecast.horizon")}
          options={HORIZONS.map((id) => ({ id, label: t("forecast.days", { days: id }) }))}
          selected={days}
          onSelect={setHorizon}
        />
      </div>
      {forecast.isPending ? (
        <Loading>
          <Skeleton className="h-[420px] rounded-2xl" />
        </Loading>
      ) : forecast.isError && !forecast.data ? (
        <Card title={t("nav.forecast")}>
          <Failure error={forecast.error} onRetry={() => forecast.refetch()} />
        </Card>
      ) : (
        forecast.data && (
          <div
            className={`flex flex-col gap-4 transition-opacity ${forecast.isPlaceholderData ? "opacity-60" : ""}`}
          >
            <Coming forecast={forecast.data} metric={metric} />
            <Models forecast={forecast.data} accuracy={accuracy.data} />
          </div>
        )
      )}
      {accuracy.data && <Passed accuracy={accuracy.data} metric={metric} />}
      <Trend series={series} />
      <Anomalies series={series} zone={project.time_zone} />
      <Versions series={series} zone={project.time_zone} />
      <Holidays site={site} />
    </>
  );
}

function Coming({ forecast, metric }: { forecast: Forecast; metric: Series["metric"] }) {
  const [asTable, setAsTable] = useState(false);
  const days = daysOf(forecast, forecast.forecast.length * HISTORY_PER_DAY);
  const before = sumBefore(forecast);
  const count = { days: forecast.forecast.length };
  const none = count.days === 0;
  return (
    <Card
      title={none ? t("nav.forecast") : t("forecast.next", count)}
      actions={!none && <TableToggle on={asTable} onToggle={setAsTable} />}
    >
      {none ? (
        <Empty title={t("forecast.none")}>{sentence(forecast.messages[0] ?? "")}</Empty>
      ) : (
        <>
          <p className="-mt-1 mb-3 flex flex-wrap items-baseline gap-x-3 tabular-nums">
            <span className="font-semibold text-3xl tracking-tight">
              {formatMetric(metric, expectedSum(forecast))}
            </span>
            {before !== null && (
              <span className="text-ink-3">
                {t("forecast.before", { ...count, value: formatMetric(metric, before) })}
              </span>
            )}
          </p>
          {asTable ? (
            <FanTable days={days} metric={metric} />
          ) : (
            <FanChart days={days} metric={metric} />
          )}
          {forecast.messages.map((message) => (
            <p key={message} className="mt-3 rounded-xl bg-warn-soft px-4 py-2.5 text-warn">
              {sentence(message)}
            </p>
          ))}
        </>
      )}
    </Card>
  );
}

function Models({ forecast, accuracy }: { forecast: Forecast; accuracy: Accuracy | undefined }) {
  const report = accuracy?.backtest?.report;
  const figures = report?.figures ?? [];
  if (Object.keys(forecast.weights).length === 0 && figures.length === 0) return null;
  return (
    <Card title={t("forecast.models")}>
      <ModelTable
        weights={forecast.weights}
        figures={figures}
        champion={forecast.champion}
        absent={report?.network?.tried?.absent}
      />
    </Card>
  );
}

function Passed({ accuracy, metric }: { accuracy: Accuracy; metric: Series["metric"] }) {
  const [asTable, setAsTable] = useState(false);
  const days = passedDays(accuracy);
  const facts: [label: string, value: number | null][] = [
    [t("forecast.accuracy"), accuracy.accuracy],
    [t("forecast.inside", { share: "80 %" }), accuracy.coverage_80],
    [t("forecast.inside", { share: "95 %" }), accuracy.coverage_95],
  ];
  return (
    <Card
      title={t("forecast.passed")}
      actions={days.length > 0 && <TableToggle on={asTable} onToggle={setAsTable} />}
    >
      {days.length === 0 ? (
        <Empty title={t("forecast.notPassed")}>{t("forecast.notPassedHint")}</Empty>
      ) : (
        <>
          <dl className="mb-4 flex flex-wrap gap-x-10 gap-y-3 tabular-nums">
            {facts.map(([label, value]) => (
              <div key={label}>
                <dt className="text-[13px] text-ink-2">{label}</dt>
                <dd className="font-semibold text-xl">
                  {value === null ? "–" : formatPercent(value)}
                </dd>
              </div>
            ))}
          </dl>
          {asTable ? (
            <FanTable days={days} metric={metric} />
          ) : (
            <FanChart days={days} metric={metric} />
          )}
        </>
      )}
    </Card>
  );
}
