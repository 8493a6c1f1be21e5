// What is shown for an address that leads nowhere.

import { Link } from "wouter";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { buttonClass } from "../ui/Button";

export function NotFound() {
  useTitle(t("notFound.title"));
  return (
    <div className="flex flex-col items-center gap-4 py-28 text-center">
      <p className="font-semibold text-5xl text-ink-3 tabular-nums tracking-tight">404</p>
      <div>
        <h1 className="font-semibold text-xl">{t("notFound.title")}</h1>
        <p className="text-ink-3">{t("notFound.text")}</p>
      </div>
      <Link href="/" className={buttonClass()}>
        {t("nav.projects")}
      </Link>
    </div>
  );
}
