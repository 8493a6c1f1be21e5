// Signing in. On an instance that nobody has set up yet it says where the set-up link is.

import { type FormEvent, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { useSetupNeeded, useSignIn } from "../api/hooks";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { Button } from "../ui/Button";
import { Field, FormError } from "../ui/Field";
import { EntryFrame } from "./EntryFrame";

export function LoginPage() {
  useTitle(t("login.title"));
  const [, navigate] = useLocation();
  const search = useSearch();
  const setup = useSetupNeeded();
  const signIn = useSignIn();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  if (setup.data?.needed) {
    return (
      <EntryFrame title={t("setup.title")}>
        <p className="text-ink-2">{t("login.setupNeeded")}</p>
      </EntryFrame>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password }, { onSuccess: () => navigate(safeNext(search)) });
  };
  return (
    <EntryFrame title={t("login.title")}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <FormError error={signIn.error} />
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
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" variant="primary" size="lg" busy={signIn.isPending}>
          {t("login.submit")}
        </Button>
      </form>
    </EntryFrame>
  );
}

/** Where the reader wanted to go: a path of this site, never another site's address. */
function safeNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
