// Every key of the instance at a glance, and the keys that belong to no project.

import { type FormEvent, useState } from "react";
import { account as api, type InstanceKey } from "../api/account";
import { useAllKeys, useChange } from "../api/accountHooks";
import { NAME_CHARS_MAX } from "../api/limits";
import { formatAgo, formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { useNow } from "../state/now";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, FormError } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { Confirm } from "./Confirm";
import { Expiry, inDays } from "./Expiry";
import { Section } from "./Section";

const TICK_MS = 60_000;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function KeysSection() {
  const keys = useAllKeys();
  const revoke = useChange(api.revokeKey, ["allKeys", "keys"]);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<InstanceKey | null>(null);
  if (keys.isError) return <Failure error={keys.error} onRetry={() => keys.refetch()} />;
  if (!keys.data) {
    return (
      <Loading>
        <Skeleton className="h-40 rounded-2xl" />
      </Loading>
    );
  }
  return (
    <Section title={t("account.keys")} text={t("allKeys.text")}>
      {keys.data.keys.length === 0 && <Empty title={t("keys.none")} />}
      <ul className="divide-y divide-line border-line border-y">
        {keys.data.keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} onRevoke={() => setRevoking(key)} />
        ))}
      </ul>
      <Button className="mt-4" onClick={() => setCreating(true)}>
        <Icon name="plus" />
        {t("allKeys.create")}
      </Button>
      {creating && <CreateKey onClose={() => setCreating(false)} />}
      {revoking && (
        <Confirm
          title={t("keys.revokeTitle")}
          text={t("keys.revokeText", { key: revoking.name })}
          action={t("keys.revoke")}
          error={revoke.error}
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
          onClose={() => setRevoking(null)}
        />
      )}
    </Section>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: InstanceKey; onRevoke: () => void }) {
  const now = useNow(TICK_MS);
  const { project, last_used_at: used, expires_at: ends } = apiKey;
  const facts = [
    t(`scope.${apiKey.scope}`),
    project ? t("allKeys.project", { id: project }) : t("allKeys.instance"),
    used ? t("keys.used", { ago: formatAgo(used, now) }) : t("keys.unused"),
    ...(ends ? [t("allKeys.expires", { date: formatInstant(ends, ZONE) })] : []),
  ];
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
      <div className="mr-auto min-w-0">
        <p className="flex items-center gap-2 font-medium">
          {apiKey.name}
          <code className="font-mono font-normal text-[12.5px] text-ink-3">{apiKey.prefix}…</code>
        </p>
        <p className="text-[13px] text-ink-3">{facts.join(" · ")}</p>
      </div>
      <Button variant="danger" onClick={onRevoke}>
        {t("keys.revoke")}
      </Button>
    </li>
  );
}

function CreateKey({ onClose }: { onClose: () => void }) {
  const create = useChange(api.createKey, ["allKeys"]);
  const [name, setName] = useState("");
  const [days, setDays] = useState(90);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      ...(name.trim() && { name: name.trim() }),
      ...(days > 0 && { expires_at: inDays(days) }),
    });
  };
  return (
    <Dialog title={t("allKeys.create")} onClose={onClose}>
      {create.data ? (
        <div className="flex flex-col gap-4 p-5">
          <p className="text-ink-2">{t("keys.once")}</p>
          <CopyBlock text={create.data.key} label={t("keys.key")} />
          <Button variant="primary" className="self-end" onClick={onClose}>
            {t("keys.stored")}
          </Button>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4 p-5">
          <FormError error={create.error} />
          <p className="text-ink-2">{t("scope.admin")}</p>
          <Field
            label={t("keys.name")}
            hint={t("keys.nameHint")}
            maxLength={NAME_CHARS_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <Expiry value={days} onChange={setDays} />
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>{t("common.cancel")}</Button>
            <Button type="submit" variant="primary" busy={create.isPending}>
              {t("keys.create")}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
