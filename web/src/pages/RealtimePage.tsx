// Right now: who is there, on which pages, from where, minute by minute.

import { useLive } from "../api/live";
import type { Live, Project } from "../api/types";
import { MinuteBars } from "../charts/MinuteBars";
import { formatCount } from "../format/number";
import { formatAgo } from "../format/time";
import { t } from "../i18n/t";
import { ConnectionDot } from "../overview/LiveBadge";
import { useNow } from "../state/now";
import { useTitle } from "../state/title";
import { Empty, Loading, Skeleton } from "../ui/states";
import { ProjectFrame } from "./ProjectFrame";

const TICK_MS = 1_000;

export function RealtimePage({ id }: { id: string }) {
  return (
    <ProjectFrame id={id} section="realtime">
      {(project) => <Realtime project={project} />}
    </ProjectFrame>
  );
}

function Realtime({ project }: { project: Project }) {
  const { live, connection } = useLive(project.id);
  const now = useNow(TICK_MS);
  useTitle(live ? `${live.visitors} · ${project.name}` : project.name);
  if (!live) {
    return (
      <Loading>
        <Skeleton className="h-64 rounded-2xl" />
      </Loading>
    );
  }
  return (
    <div className="flex flex-col gap-4">
      <section className="grid gap-6 rounded-2xl border border-line bg-surface p-5 shadow-card md:grid-cols-[220px_1fr]">
        <div>
          <h1 className="font-medium text-ink-2">{t("realtime.visitors")}</h1>
          <p className="my-1 font-semibold text-6xl tabular-nums tracking-tight" aria-live="polite">
            {formatCount(live.visitors)}
          </p>
          <p className="text-[13px] text-ink-3">{t("realtime.window")}</p>
          <p className="mt-4 flex items-center gap-2 text-[13px] text-ink-2">
            <ConnectionDot connection={connection} />
            {t(`live.${connection}`)}
          </p>
          <Rate live={live} now={now} />
        </div>
        <div className="min-w-0 self-end">
          <h2 className="mb-3 text-[13px] text-ink-3">{t("realtime.minutesLabel")}</h2>
          <MinuteBars minutes={live.minutes} />
        </div>
      </section>
      <div className="grid gap-4 lg:grid-cols-2">
        <LiveList
          title={t("realtime.pages")}
          rows={live.pages.map(({ page, visitors }) => ({ name: page, visitors }))}
        />
        <LiveList
          title={t("realtime.sources")}
          rows={live.sources.map(({ source, visitors }) => ({ name: source, visitors }))}
        />
      </div>
    </div>
  );
}

/** How much is going on, and since when nothing is. */
export function Rate({ live, now }: { live: Live; now: number }) {
  const rate = live.events_last_minute === 1 ? "realtime.rate.one" : "realtime.rate.other";
  return (
    <div className="mt-1 text-[13px] text-ink-3 tabular-nums">
      <p>{t(rate, { events: formatCount(live.events_last_minute) })}</p>
      {live.last_event_at && (
        <p>{t("realtime.last", { ago: formatAgo(live.last_event_at, now) })}</p>
      )}
    </div>
  );
}

function LiveList({ title, rows }: { title: string; rows: { name: string; visitors: number }[] }) {
  const max = Math.max(1, ...rows.map((row) => row.visitors));
  return (
    <section
      aria-label={title}
      className="min-h-64 min-w-0 rounded-2xl border border-line bg-surface p-4 shadow-card"
    >
      <h2 className="mb-3 font-medium">{title}</h2>
      {rows.length === 0 ? (
        <Empty title={t("realtime.quiet")} />
      ) : (
        <ul className="tabular-nums">
          {rows.map((row) => (
            <li key={row.name} className="relative flex h-8 items-center gap-3">
              <span
                className="absolute inset-y-0.5 left-0 rounded-[5px] bg-bar transition-[width] duration-300"
                style={{ width: `calc((100% - 3.5rem) * ${row.visitors / max})` }}
              />
              <span className="relative min-w-0 flex-1 truncate px-2">{row.name}</span>
              <span className="relative w-12 pr-1 text-right font-medium">
                {formatCount(row.visitors)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
