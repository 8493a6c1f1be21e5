// What is strange in a metric: when, how bad, what was expected, and which values of a dimension the
// difference comes from. Lasting changes of the level stand below, by day.

import { useState } from "react";
import { useAnomalies } from "../api/predictionHooks";
import type { Anomaly, Anomalies as Found, Series } from "../api/predictions";
import { valueName } from "../format/names";
import { formatMetric, formatPercent } from "../format/number";
import { sentence } from "../format/sentence";
import { formatDay, formatInstant } from "../format/time";
import { t, tName } from "../i18n/t";
import { Card } from "../ui/Card";
import { Segmented } from "../ui/Segmented";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";

const INTERVALS = ["hour", "day"] as const;
const SHOWN_MAX = 12;

export function Anomalies({ series, zone }: { series: Series; zone: string }) {
  const [interval, setInterval] = useState<(typeof INTERVALS)[number]>("hour");
  const anomalies = useAnomalies(series, interval);
  return (
    <Card
      title={t("anomaly.title")}
      actions={
        <Segmented
          label={t("anomaly.interval")}
          options={INTERVALS.map((id) => ({ id, label: t(`anomaly.${id}`) }))}
          selected={interval}
          onSelect={setInterval}
        />
      }
    >
      {anomalies.isPending ? (
        <Loading>
          <Skeleton className="h-24" />
        </Loading>
      ) : anomalies.isError && !anomalies.data ? (
        <Failure error={anomalies.error} onRetry={() => anomalies.refetch()} />
      ) : (
        anomalies.data && <List found={anomalies.data} series={series} zone={zone} />
      )}
    </Card>
  );
}

export function List({ found, series, zone }: { found: Found; series: Series; zone: string }) {
  const hint = found.messages[0];
  return (
    <>
      {found.anomalies.length === 0 ? (
        <Empty title={hint ? t("anomaly.early") : t("anomaly.none")}>
          {hint ? sentence(hint) : t("anomaly.noneHint")}
        </Empty>
      ) : (
        <ul className="divide-y divide-line tabular-nums">
          {found.anomalies.slice(0, SHOWN_MAX).map((anomaly) => (
            <Row key={anomaly.start + anomaly.kind} {...{ anomaly, series, zone }} />
          ))}
        </ul>
      )}
      {found.level_changes.length > 0 && (
        <>
          <h3 className="mt-4 mb-1 font-medium text-[13px] text-ink-2">{t("anomaly.levels")}</h3>
          <ul className="tabular-nums">
            {found.level_changes.toReversed().map(({ day, before, after }) => (
              <li key={day} className="flex gap-3 py-1">
                <span className="w-32 shrink-0 text-ink-2">{formatDay(day)}</span>
                <span>
                  {formatMetric(series.metric, Math.round(before))} →{" "}
                  {formatMetric(series.metric, Math.round(after))}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Row({ anomaly, series, zone }: { anomaly: Anomaly; series: Series; zone: string }) {
  const number = (value: number) => formatMetric(series.metric, Math.round(value));
  const range = `${number(anomaly.expected_low)} – ${number(anomaly.expected_high)}`;
  const severe = anomaly.severity === "severe";
  return (
    <li className="py-2.5">
      <p className="flex flex-wrap items-center gap-x-2">
        <span
          className={`rounded-full px-2 py-0.5 font-medium text-[12px] ${
            severe ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn"
          }`}
        >
          {t(`anomaly.kind.${anomaly.kind}`)}
        </span>
        <span>
          {anomaly.value === null
            ? t("anomaly.missing", { range })
            : t("anomaly.value", { value: number(anomaly.value), range })}
        </span>
        {anomaly.level_shift && <span className="text-ink-3">{t("anomaly.shift")}</span>}
      </p>
      <p className="text-[13px] text-ink-3">
        {formatInstant(anomaly.start, zone)} – {formatInstant(anomaly.end, zone)}
      </p>
      {anomaly.contributions.length > 0 && (
        <dl className="mt-1 flex flex-wrap gap-x-6 gap-y-0.5 text-[13px]">
          {anomaly.contributions.map(({ dimension, values }) => (
            <div key={dimension} className="flex gap-1.5">
              <dt className="text-ink-3">{tName("dimension", dimension)}</dt>
              <dd>
                {values
                  .slice(0, 2)
                  .map((each) => share(dimension, each.value, each.share))
                  .join(", ")}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}

const share = (dimension: string, value: string, part: number) =>
  part === 0
    ? valueName(dimension, value)
    : `${valueName(dimension, value)} ${formatPercent(Math.round(part * 100))}`;
