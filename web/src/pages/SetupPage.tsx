// First run: the holder of the one-time token becomes the owner.

import { Link, useLocation } from "wouter";
import { useSetUp, useSetupNeeded } from "../api/hooks";
import { t } from "../i18n/t";
import { useSearchText } from "../state/params";
import { useTitle } from "../state/title";
import { buttonClass } from "../ui/Button";
import { EntryForm } from "./EntryForm";
import { EntryFrame } from "./EntryFrame";

export function SetupPage() {
  useTitle(t("setup.title"));
  const [, navigate] = useLocation();
  const token = new URLSearchParams(useSearchText()).get("token") ?? "";
  const setup = useSetupNeeded();
  const setUp = useSetUp();
  if (setup.data?.needed === false && !setUp.isPending && !setUp.isSuccess) {
    return (
      <EntryFrame title={t("setup.done")} text={t("setup.doneText")}>
        <Link href="/login" className={`w-full ${buttonClass({ variant: "primary", size: "lg" })}`}>
          {t("login.submit")}
        </Link>
      </EntryFrame>
    );
  }
  return (
    <EntryFrame title={t("setup.title")} text={t("setup.text")}>
      <EntryForm
        isNew
        submit={t("setup.submit")}
        error={token === "" ? new Error(t("setup.noToken")) : setUp.error}
        busy={setUp.isPending}
        disabled={token === ""}
        onSubmit={(entry) =>
          setUp.mutate({ token, ...entry }, { onSuccess: () => navigate("/projects/new") })
        }
      />
    </EntryFrame>
  );
}
