// How many visitors are there now, and whether that number is still alive.

import { Link } from "wouter";
import { type Connection, useLive } from "../api/live";
import { formatCount } from "../format/number";
import { t } from "../i18n/t";

const DOTS: Record<Connection, string> = {
  live: "bg-good",
  polling: "bg-good",
  connecting: "bg-warn animate-breathe",
  offline: "bg-bad",
};

export function ConnectionDot({ connection }: { connection: Connection }) {
  return <span className={`size-2 shrink-0 rounded-full ${DOTS[connection]}`} aria-hidden="true" />;
}

export function LiveBadge({ project }: { project: string }) {
  const { live, connection } = useLive(project);
  const state = t(`live.${connection}`);
  return (
    <Link
      href={`/projects/${project}/realtime`}
      title={state}
      className="flex h-9 shrink-0 items-center gap-2 rounded-lg px-2.5 text-ink-2 hover:bg-sunken"
    >
      <ConnectionDot connection={connection} />
      <span className="tabular-nums">
        <span className="font-semibold text-ink">{live ? formatCount(live.visitors) : "–"}</span>{" "}
        <span className="max-sm:hidden">
          {t(live?.visitors === 1 ? "live.visitors.one" : "live.visitors.other")}
        </span>
        <span className="sm:hidden">{t("live.short")}</span>
      </span>
      <span className="sr-only">({state})</span>
    </Link>
  );
}
