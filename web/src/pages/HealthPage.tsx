// "Where is my event?": what came in, what was refused, why, and what to do about it.

import { useHealth } from "../api/hooks";
import type { Health, Project } from "../api/types";
import { formatCount } from "../format/number";
import { formatAgo, formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { useNow } from "../state/now";
import { useTitle } from "../state/title";
import { Card } from "../ui/Card";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { Bots } from "./Bots";
import { ProjectFrame } from "./ProjectFrame";
import { Reasons, Unattributed } from "./Unattributed";

const TICK_MS = 5_000;

export function HealthPage({ id }: { id: string }) {
  return (
    <ProjectFrame id={id} section="health">
      {(project) => <HealthOf project={project} />}
    </ProjectFrame>
  );
}

function HealthOf({ project }: { project: Project }) {
  useTitle(`${t("nav.health")} · ${project.name}`);
  const health = useHealth(project.id);
  const now = useNow(TICK_MS);
  if (health.isPending) {
    return (
      <Loading>
        <Skeleton className="h-64 rounded-2xl" />
      </Loading>
    );
  }
  if (health.isError && !health.data) {
    return <Failure error={health.error} onRetry={() => health.refetch()} />;
  }
  const { data } = health;
  if (!data) return null;
  return (
    <div className="flex flex-col gap-4">
      <div className="mt-2">
        <h1 className="font-semibold text-[22px] tracking-tight">{t("health.title")}</h1>
        <p className="text-ink-2">
          {data.last_event_at
            ? t("health.last", { ago: formatAgo(data.last_event_at, now) })
            : t("health.never")}
        </p>
      </div>
      <Counts health={data} zone={project.time_zone} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Refusals health={data} />
        <Recent health={data} zone={project.time_zone} />
        <Bots project={project.id} zone={project.time_zone} />
        <Unattributed health={data} domain={project.domain} />
      </div>
    </div>
  );
}

function Counts({ health, zone }: { health: Health; zone: string }) {
  const refused = health.refused.reduce((sum, refusal) => sum + refusal.count, 0);
  const parts = [
    { key: "accepted", count: health.accepted, color: "bg-good" },
    { key: "duplicate", count: health.duplicate, color: "bg-ink-3" },
    { key: "refused", count: refused, color: "bg-bad" },
  ] as const;
  const whole = Math.max(1, health.received);
  return (
    <Card title={t("health.received", { since: formatInstant(health.since, zone) })}>
      <p className="font-semibold text-4xl tabular-nums tracking-tight">
        {formatCount(health.received)}
      </p>
      <p className="mb-4 text-[13px] text-ink-3">{t("health.scope")}</p>
      <div
        className="mb-4 flex h-2.5 gap-0.5 overflow-hidden rounded-full bg-sunken"
        aria-hidden="true"
      >
        {parts.map(({ key, count, color }) => (
          <span key={key} className={color} style={{ width: `${(count / whole) * 100}%` }} />
        ))}
      </div>
      <dl className="grid grid-cols-2 gap-4 tabular-nums sm:grid-cols-4">
        {parts.map(({ key, count, color }) => (
          <div key={key}>
            <dt className="flex items-center gap-2 text-[13px] text-ink-2">
              <span className={`size-2 rounded-full ${color}`} aria-hidden="true" />
              {t(`health.${key}`)}
            </dt>
            <dd className="font-semibold text-lg">{formatCount(count)}</dd>
          </div>
        ))}
        <div>
          <dt className="text-[13px] text-ink-2">{t("health.queue")}</dt>
          <dd className="font-semibold text-lg">{formatCount(health.queue.pending_events)}</dd>
        </div>
      </dl>
    </Card>
  );
}

function Refusals({ health }: { health: Health }) {
  return (
    <Card title={t("health.reasons")}>
      <Reasons refused={health.refused} />
    </Card>
  );
}

function Recent({ health, zone }: { health: Health; zone: string }) {
  return (
    <Card title={t("health.recent")}>
      {health.recent.length === 0 ? (
        <Empty title={t("health.noRefusals")} />
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {health.recent.map((refusal) => (
            <li
              key={`${refusal.at}${refusal.reason}${refusal.detail}`}
              className="py-2.5 first:pt-0 last:pb-0"
            >
              <div className="flex items-baseline gap-2 text-[13px]">
                <code className="font-mono">{refusal.reason}</code>
                <time dateTime={refusal.at} className="ml-auto text-ink-3 tabular-nums">
                  {formatInstant(refusal.at, zone)}
                </time>
              </div>
              <p className="text-ink-2 [overflow-wrap:anywhere]">{refusal.detail}</p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
