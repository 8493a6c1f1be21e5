// Signing in. On an instance that nobody has set up yet it says where the set-up link is.

import { Link, useLocation } from "wouter";
import { ApiError } from "../api/client";
import { useSetupNeeded, useSignIn } from "../api/hooks";
import { t } from "../i18n/t";
import { safeNext } from "../state/next";
import { useSearchText } from "../state/params";
import { useTitle } from "../state/title";
import { EntryForm } from "./EntryForm";
import { EntryFrame } from "./EntryFrame";
import { ProviderButton, ProviderTrouble } from "./ProviderSignIn";

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
  const needsCode = signIn.error instanceof ApiError && signIn.error.needsCode;
  const hadCode = Boolean(signIn.variables?.code);
  return (
    <EntryFrame title={t("login.title")}>
      <ProviderTrouble />
      <EntryForm
        isNew={false}
        asksCode={needsCode || hadCode}
        submit={t("login.submit")}
        error={needsCode && !hadCode ? null : signIn.error}
        busy={signIn.isPending}
        onSubmit={(entry) => signIn.mutate(entry, { onSuccess: () => navigate(safeNext(search)) })}
      />
      {setup.data?.provider && (
        <ProviderButton
          purpose="sign_in"
          label={t("login.provider", { name: setup.data.provider })}
        />
      )}
      <Link href="/forgot" className="mt-4 block text-center text-accent-ink hover:underline">
        {t("login.forgot")}
      </Link>
    </EntryFrame>
  );
}
