// Signing in. On an instance that nobody has set up yet it says where the set-up link is.

import { useLocation } from "wouter";
import { useSetupNeeded, useSignIn } from "../api/hooks";
import { t } from "../i18n/t";
import { useSearchText } from "../state/params";
import { useTitle } from "../state/title";
import { EntryForm } from "./EntryForm";
import { EntryFrame } from "./EntryFrame";

export function LoginPage() {
  useTitle(t("login.title"));
  const [, navigate] = useLocation();
  const search = useSearchText();
  const setup = useSetupNeeded();
  const signIn = useSignIn();
  if (setup.data?.needed) {
    return (
      <EntryFrame title={t("setup.title")}>
        <p className="text-ink-2">{t("login.setupNeeded")}</p>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title={t("login.title")}>
      <EntryForm
        isNew={false}
        submit={t("login.submit")}
        error={signIn.error}
        busy={signIn.isPending}
        onSubmit={(entry) => signIn.mutate(entry, { onSuccess: () => navigate(safeNext(search)) })}
      />
    </EntryFrame>
  );
}

/** Where the reader wanted to go: a path of this site, never another site's address. */
function safeNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}
