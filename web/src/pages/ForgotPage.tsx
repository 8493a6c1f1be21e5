// Asking for a link that sets a new password. Whether the address is known is not told.

import { type FormEvent, useState } from "react";
import { account } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { EntryFrame } from "./EntryFrame";

export function ForgotPage() {
  useTitle(t("forgot.title"));
  const ask = useChange(account.forgot, []);
  const [email, setEmail] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate(email);
  };
  return (
    <EntryFrame title={t("forgot.title")}>
      {ask.isSuccess ? (
        <p role="status" className="text-ink-2">
          {t("forgot.sent")}
        </p>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <FormError error={ask.error} />
          <p className="text-ink-2">{t("forgot.text")}</p>
          <Field
            label={t("field.email")}
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <Button type="submit" variant="primary" size="lg" busy={ask.isPending}>
            {t("forgot.submit")}
          </Button>
        </form>
      )}
    </EntryFrame>
  );
}
