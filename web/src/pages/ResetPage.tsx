// Setting a new password by a one-time link. It signs nobody in: a second factor is still asked for.

import { type FormEvent, useState } from "react";
import { Link } from "wouter";
import { NewPasswordField } from "../account/NewPasswordField";
import { account } from "../api/account";
import { useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { linkToken } from "../state/linkToken";
import { useTitle } from "../state/title";
import { Button, buttonClass } from "../ui/Button";
import { FormError } from "../ui/Field";
import { EntryFrame } from "./EntryFrame";

export function ResetPage() {
  useTitle(t("reset.title"));
  const token = linkToken();
  const reset = useChange(account.reset, ["session"]);
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate({ token, password });
  };
  return (
    <EntryFrame title={t("reset.title")}>
      {reset.isSuccess ? (
        <div className="flex flex-col gap-4">
          <p role="status" className="text-ink-2">
            {t("reset.done")}
          </p>
          <Link href="/login" className={buttonClass({ variant: "primary", size: "lg" })}>
            {t("login.submit")}
          </Link>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          <FormError error={token === "" ? new Error(t("link.none")) : reset.error} />
          <NewPasswordField value={password} onChange={setPassword} />
          <Button
            type="submit"
            variant="primary"
            size="lg"
            busy={reset.isPending}
            disabled={token === ""}
          >
            {t("reset.submit")}
          </Button>
        </form>
      )}
    </EntryFrame>
  );
}
