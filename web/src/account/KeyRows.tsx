// Keys by their prefix, and the dialog that makes one and shows its text once: the same for the keys
// of a project and for those of the instance. What kind of key is made is the caller's business.

import { type FormEvent, type ReactNode, useState } from "react";
import { NAME_CHARS_MAX } from "../api/limits";
import type { KeyScope } from "../api/types";
import { formatAgo, formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { useNow } from "../state/now";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { Dialog } from "../ui/Dialog";
import { Field, FormError } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Empty } from "../ui/states";
import { Confirm } from "./Confirm";
import { Expiry, inDays } from "./Expiry";

const TICK_MS = 60_000;

/** What a row tells of a key. */
export interface ShownKey {
  id: string;
  name?: string | null;
  prefix: string;
  scope: KeyScope;
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
  /** Of which project, where that is not clear. */
  of?: string;
}

interface Change<Input> {
  mutate: (input: Input, options: { onSuccess: () => void }) => void;
  error: Error | null;
  isPending: boolean;
}

/** The keys; each can be revoked after a second thought. `children` is the way to a new one. */
export function KeyRows({
  keys,
  zone,
  revoke,
  children,
}: {
  keys: ShownKey[];
  zone: string;
  revoke: Change<string>;
  children: ReactNode;
}) {
  const now = useNow(TICK_MS);
  const [revoking, setRevoking] = useState<ShownKey | null>(null);
  const facts = (key: ShownKey) => [
    t(`scope.${key.scope}`),
    ...(key.of ? [key.of] : []),
    key.last_used_at ? t("keys.used", { ago: formatAgo(key.last_used_at, now) }) : t("keys.unused"),
    ...(key.expires_at
      ? [t("allKeys.expires", { date: formatInstant(key.expires_at, zone) })]
      : []),
  ];
  return (
    <>
      {keys.length === 0 && <Empty title={t("keys.none")} />}
      <ul className="divide-y divide-line border-line border-y">
        {keys.map((key) => (
          <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-3">
            <div className="mr-auto min-w-0">
              <p className="flex items-center gap-2 font-medium">
                {key.name || t("keys.unnamed")}
                <code className="font-mono font-normal text-[12.5px] text-ink-3">
                  {key.prefix}…
                </code>
              </p>
              <p className="text-[13px] text-ink-3" title={formatInstant(key.created_at, zone)}>
                {facts(key).join(" · ")}
              </p>
            </div>
            <Button variant="danger" onClick={() => setRevoking(key)}>
              {t("keys.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      {children}
      {revoking && (
        <Confirm
          title={t("keys.revokeTitle")}
          text={t("keys.revokeText", { key: revoking.name || `${revoking.prefix}…` })}
          action={t("keys.revoke")}
          error={revoke.error}
          busy={revoke.isPending}
          onConfirm={() => revoke.mutate(revoking.id, { onSuccess: () => setRevoking(null) })}
          onClose={() => setRevoking(null)}
        />
      )}
    </>
  );
}

/** What every new key may have: a name, and an end. */
export interface NewKey {
  name?: string;
  expires_at?: string;
}

/** A button, behind it the form, and behind that the key. `children` are fields of the form. */
export function MakeKey({
  label,
  daysAtFirst,
  create,
  children,
}: {
  label: string;
  daysAtFirst: number;
  create: {
    mutate: (key: NewKey) => void;
    reset: () => void;
    data: { key: string } | undefined;
    error: Error | null;
    isPending: boolean;
  };
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    // Its text was shown once; the next key has another.
    create.reset();
  };
  return (
    <>
      <Button className="mt-4" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        {label}
      </Button>
      {isOpen && (
        <Dialog title={label} onClose={close}>
          {create.data ? (
            <div className="flex flex-col gap-4 p-5">
              <p className="text-ink-2">{t("keys.once")}</p>
              <CopyBlock text={create.data.key} label={t("keys.key")} />
              <Button variant="primary" className="self-end" onClick={close}>
                {t("keys.stored")}
              </Button>
            </div>
          ) : (
            <KeyForm daysAtFirst={daysAtFirst} create={create} onClose={close}>
              {children}
            </KeyForm>
          )}
        </Dialog>
      )}
    </>
  );
}

function KeyForm({
  daysAtFirst,
  create,
  children,
  onClose,
}: {
  daysAtFirst: number;
  create: { mutate: (key: NewKey) => void; error: Error | null; isPending: boolean };
  children: ReactNode;
  onClose: () => void;
}) {
  const [name, setName] = useState("");
  const [days, setDays] = useState(daysAtFirst);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({
      ...(name.trim() && { name: name.trim() }),
      ...(days > 0 && { expires_at: inDays(days) }),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4 p-5">
      <FormError error={create.error} />
      <Field
        label={t("keys.name")}
        hint={t("keys.nameHint")}
        maxLength={NAME_CHARS_MAX}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      {children}
      <Expiry value={days} onChange={setDays} />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{t("common.cancel")}</Button>
        <Button type="submit" variant="primary" busy={create.isPending}>
          {t("keys.create")}
        </Button>
      </div>
    </form>
  );
}
