// Where one is signed in: each session can be ended, or all others at once.

import { useState } from "react";
import { account as api, type SessionEntry } from "../api/account";
import { useChange, useSessions } from "../api/accountHooks";
import { formatAgo } from "../format/time";
import { t } from "../i18n/t";
import { useNow } from "../state/now";
import { Button } from "../ui/Button";
import { FormError } from "../ui/Field";
import { Failure, Loading, Skeleton } from "../ui/states";
import { Confirm } from "./Confirm";
import { Section } from "./Section";

const TICK_MS = 60_000;

const nameOf = (session: SessionEntry) => {
  const device = session.device || t("sessions.unknown");
  if (session.kind === "browser") return device;
  return t("sessions.program", { name: session.name || device });
};

export function SessionsSection() {
  const sessions = useSessions();
  const end = useChange(api.endSession, ["sessions"]);
  const endOthers = useChange(api.endOthers, ["sessions"]);
  const [asking, setAsking] = useState(false);
  const now = useNow(TICK_MS);
  if (sessions.isError) {
    return <Failure error={sessions.error} onRetry={() => sessions.refetch()} />;
  }
  if (!sessions.data) {
    return (
      <Loading>
        <Skeleton className="h-40 rounded-2xl" />
      </Loading>
    );
  }
  const list = sessions.data.sessions;
  return (
    <Section title={t("account.sessions")} text={t("sessions.text")}>
      <FormError error={end.error} />
      <ul className="divide-y divide-line border-line border-y">
        {list.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
            <div className="mr-auto min-w-0">
              <p className="font-medium">
                {nameOf(session)}
                {session.place && ` · ${session.place}`}
              </p>
              <p className="text-[13px] text-ink-3">
                {session.is_this
                  ? t("sessions.this")
                  : t("sessions.seen", { ago: formatAgo(session.last_seen_at, now) })}
              </p>
            </div>
            {!session.is_this && (
              <Button
                variant="danger"
                aria-label={t("sessions.endNamed", { device: nameOf(session) })}
                onClick={() => end.mutate(session.id)}
              >
                {t("sessions.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {list.length > 1 && (
        <Button variant="danger" className="mt-4" onClick={() => setAsking(true)}>
          {t("sessions.endAll")}
        </Button>
      )}
      {asking && (
        <Confirm
          title={t("sessions.endAllTitle")}
          text={t("sessions.endAllText")}
          action={t("sessions.endAll")}
          error={endOthers.error}
          busy={endOthers.isPending}
          onConfirm={() => endOthers.mutate(undefined, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </Section>
  );
}
