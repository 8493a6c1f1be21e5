// The keys of a project: listed by prefix, made, shown once, revoked after a second thought.

import { type FormEvent, useState } from "react";
import { Expiry, inDays } from "../account/Expiry";
import { useCreateKey, useKeys, useRevokeKey } from "../api/hooks";
import { NAME_CHARS_MAX } from "../api/limits";
import type { ApiKey, KeyScope } from "../api/types";
import { formatAgo, formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { useNow } from "../state/now";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, FormError, INPUT_CLASS } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";

const TICK_MS = 60_000;

/** What a key of one project can be for; an admin key is of no project. */
const OFFERED: KeyScope[] = ["stats:read", "ingest", "project:write"];

export function KeysSettings({ id, zone }: { id: string; zone: string }) {
  const keys = useKeys(id);
  const now = useNow(TICK_MS);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  if (keys.isPending) {
    return (
      <Loading>
        <Skeleton className="h-24" />
      </Loading>
    );
  }
  if (keys.isError) return <Failure error={keys.error} onRetry={() => keys.refetch()} />;
  return (
    <>
      {keys.data.keys.length === 0 && <Empty title={t("keys.none")} />}
      <ul className="divide-y divide-line border-line border-y">
        {keys.data.keys.map((key) => (
          <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
            <div className="mr-auto min-w-0">
              <p className="flex items-center gap-2 font-medium">
                {key.name ?? t("keys.unnamed")}
                <code className="font-mono font-normal text-[12.5px] text-ink-3">
                  {key.prefix}…
                </code>
              </p>
              <p className="text-[13px] text-ink-3" title={formatInstant(key.created_at, zone)}>
                {t(`scope.${key.scope}`)} ·{" "}
                {key.last_used_at
                  ? t("keys.used", { ago: formatAgo(key.last_used_at, now) })
                  : t("keys.unused")}
                {key.expires_at &&
                  ` · ${t("allKeys.expires", { date: formatInstant(key.expires_at, zone) })}`}
              </p>
            </div>
            <Button variant="danger" onClick={() => setRevoking(key)}>
              {t("keys.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      <Button className="mt-4" onClick={() => setCreating(true)}>
        <Icon name="plus" />
        {t("keys.create")}
      </Button>
      {creating && <CreateKey id={id} onClose={() => setCreating(false)} />}
      {revoking && <RevokeKey id={id} apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function CreateKey({ id, onClose }: { id: string; onClose: () => void }) {
  const create = useCreateKey(id);
  const [name, setName] = useState("");
  const [scope, setScope] = useState<KeyScope>("stats:read");
  const [days, setDays] = useState(0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      scope,
      ...(name.trim() && { name: name.trim() }),
      ...(days > 0 && { expires_at: inDays(days) }),
    });
  };
  return (
    <Dialog title={t("keys.create")} onClose={onClose}>
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
          <Field
            label={t("keys.name")}
            hint={t("keys.nameHint")}
            maxLength={NAME_CHARS_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <label className="block">
            <span className="mb-1.5 block font-medium">{t("keys.scope")}</span>
            <select
              className={INPUT_CLASS}
              value={scope}
              onChange={(event) => setScope(event.target.value as KeyScope)}
            >
              {OFFERED.map((offered) => (
                <option key={offered} value={offered}>
                  {t(`scope.${offered}`)}
                </option>
              ))}
            </select>
          </label>
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

function RevokeKey({ id, apiKey, onClose }: { id: string; apiKey: ApiKey; onClose: () => void }) {
  const revoke = useRevokeKey(id);
  return (
    <Dialog title={t("keys.revokeTitle")} onClose={onClose}>
      <div className="flex flex-col gap-4 p-5">
        <FormError error={revoke.error} />
        <p className="text-ink-2">
          {t("keys.revokeText", { key: apiKey.name ?? `${apiKey.prefix}…` })}
        </p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            variant="danger"
            busy={revoke.isPending}
            onClick={() => revoke.mutate(apiKey.id, { onSuccess: onClose })}
          >
            {t("keys.revoke")}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
