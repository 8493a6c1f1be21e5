// First run: the holder of the one-time token becomes the owner.

import { type FormEvent, useState } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { useSetUp, useSetupNeeded } from "../api/hooks";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { Button, buttonClass } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { EntryFrame } from "./EntryFrame";

const PASSWORD_CHARS_MIN = 10;

export function SetupPage() {
  useTitle(t("setup.title"));
  const [, navigate] = useLocation();
  const token = new URLSearchParams(useSearch()).get("token") ?? "";
  const setup = useSetupNeeded();
  const setUp = useSetUp();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  if (setup.data?.needed === false && !setUp.isPending && !setUp.isSuccess) {
    return (
      <EntryFrame title={t("setup.done")} text={t("setup.doneText")}>
        <Link href="/login" className={`w-full ${buttonClass({ variant: "primary", size: "lg" })}`}>
          {t("login.submit")}
        </Link>
      </EntryFrame>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { token, email, password, ...(name.trim() && { name: name.trim() }) };
    setUp.mutate(body, { onSuccess: () => navigate("/projects/new") });
  };
  return (
    <EntryFrame title={t("setup.title")} text={t("setup.text")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {token === "" && <FormError error={new Error(t("setup.noToken"))} />}
        <FormError error={setUp.error} />
        <Field
          label={t("field.name")}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("field.email")}
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Field
          label={t("field.password")}
          type="password"
          autoComplete="new-password"
          required
          minLength={PASSWORD_CHARS_MIN}
          hint={t("field.passwordHint", { min: PASSWORD_CHARS_MIN })}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button
          type="submit"
          variant="primary"
          size="lg"
          busy={setUp.isPending}
          disabled={token === ""}
        >
          {t("setup.submit")}
        </Button>
      </form>
    </EntryFrame>
  );
}
