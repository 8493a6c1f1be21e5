// The audit log: filtered, read page by page, checked, and taken away as CSV.

import { type FormEvent, useState } from "react";
import { type AuditEntry, account as api, auditQuery } from "../api/account";
import { useAudit, useChange } from "../api/accountHooks";
import { formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { Button, buttonClass } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { Section } from "./Section";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const NOTHING = { actor: "", action: "" };

export function AuditSection() {
  const [typed, setTyped] = useState(NOTHING);
  const [filter, setFilter] = useState<{ actor: string; action: string; before?: string }>(NOTHING);
  const audit = useAudit(filter);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFilter(typed);
  };
  const last = audit.data?.entries.at(-1);
  return (
    <Section title={t("account.audit")} text={t("audit.text")}>
      <form onSubmit={submit} className="grid items-start gap-3 sm:grid-cols-[1fr_1fr_auto]">
        <Field
          label={t("audit.actor")}
          value={typed.actor}
          onChange={(event) => setTyped({ ...typed, actor: event.target.value })}
        />
        <Field
          label={t("audit.action")}
          hint={t("audit.actionHint")}
          value={typed.action}
          onChange={(event) => setTyped({ ...typed, action: event.target.value })}
        />
        <Button type="submit" size="lg" className="sm:mt-[27px]">
          {t("audit.filter")}
        </Button>
      </form>
      <div className="my-4 flex flex-wrap items-center gap-2">
        <a
          className={buttonClass()}
          href={`/api/audit/export${auditQuery({ actor: filter.actor, action: filter.action })}`}
          download="almanac-audit.csv"
        >
          {t("audit.export")}
        </a>
        <Check />
      </div>
      {audit.isError && <Failure error={audit.error} onRetry={() => audit.refetch()} />}
      {audit.isPending && (
        <Loading>
          <Skeleton className="h-40" />
        </Loading>
      )}
      {audit.data?.entries.length === 0 && <Empty title={t("audit.none")} />}
      <ul className="divide-y divide-line">
        {audit.data?.entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
      {audit.data?.has_more && last && (
        <Button className="mt-4" onClick={() => setFilter({ ...filter, before: last.id })}>
          {t("audit.older")}
        </Button>
      )}
    </Section>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const details = { before: entry.before, after: entry.after };
  return (
    <li className="py-2.5">
      <details>
        <summary className="cursor-pointer">
          <span className="font-medium">{entry.action}</span> {entry.subject}
          <span className="block text-[13px] text-ink-3">
            {formatInstant(entry.at, ZONE)} · {entry.actor_name || entry.actor}
            {entry.place && ` · ${entry.place}`}
          </span>
        </summary>
        <section
          // biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls, so keys must reach it.
          tabIndex={0}
          aria-label={t("audit.details", { id: entry.id })}
          className="mt-2 overflow-x-auto rounded-lg bg-sunken p-3"
        >
          <pre className="font-mono text-[12.5px]">{JSON.stringify(details, null, 2)}</pre>
        </section>
      </details>
    </li>
  );
}

function Check() {
  const verify = useChange(api.verifyAudit, []);
  const verdict = verify.data;
  return (
    <>
      <Button busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
        {t("audit.verify")}
      </Button>
      <FormError error={verify.error} />
      <span role="status" className={verdict?.is_sound ? "text-good" : "text-bad"}>
        {verdict &&
          (verdict.is_sound
            ? t("audit.sound", { entries: verdict.entries })
            : t("audit.broken", { id: verdict.broken_at ?? "", reason: verdict.reason ?? "" }))}
      </span>
    </>
  );
}
