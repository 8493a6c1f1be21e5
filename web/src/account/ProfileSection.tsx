// Who one is: the name can be changed, address and role are shown.

import { type FormEvent, useState } from "react";
import { type Account, account as api } from "../api/account";
import { useChange } from "../api/accountHooks";
import { NAME_CHARS_MAX } from "../api/limits";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { Section } from "./Section";

export function ProfileSection({ account }: { account: Account }) {
  const rename = useChange(api.rename, ["account", "session"]);
  const [name, setName] = useState(account.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate(name.trim());
  };
  return (
    <Section title={t("account.profile")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError error={rename.error} />
        <Field
          label={t("field.name")}
          autoComplete="name"
          required
          maxLength={NAME_CHARS_MAX}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <dl className="grid gap-4 sm:grid-cols-2">
          <div>
            <dt className="mb-0.5 font-medium">{t("account.email")}</dt>
            <dd className="text-ink-2 [overflow-wrap:anywhere]">{account.email}</dd>
          </div>
          <div>
            <dt className="mb-0.5 font-medium">{t("account.role")}</dt>
            <dd className="text-ink-2">
              {t(`role.${account.role}`)} · {t(`reach.${account.reach}`)}
            </dd>
          </div>
        </dl>
        <div className="flex items-center justify-end gap-3">
          <span role="status" className="text-good">
            {rename.isSuccess ? t("settings.saved") : ""}
          </span>
          <Button type="submit" variant="primary" busy={rename.isPending}>
            {t("settings.save")}
          </Button>
        </div>
      </form>
    </Section>
  );
}
