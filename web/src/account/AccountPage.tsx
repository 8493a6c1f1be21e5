// The settings that belong to no project: one's own account, and for admins the instance.

import { Link, Redirect } from "wouter";
import type { Account } from "../api/account";
import { useAccount } from "../api/accountHooks";
import { t } from "../i18n/t";
import { useTitle } from "../state/title";
import { AppFrame } from "../ui/AppFrame";
import { Failure, Loading, Skeleton } from "../ui/states";
import { AuditSection } from "./AuditSection";
import { KeysSection } from "./KeysSection";
import { ProfileSection } from "./ProfileSection";
import { SecuritySection } from "./SecuritySection";
import { SessionsSection } from "./SessionsSection";
import { TeamSection } from "./TeamSection";

const OWN = ["profile", "security", "sessions"] as const;
const ADMIN = ["team", "keys", "audit"] as const;
type SectionName = (typeof OWN)[number] | (typeof ADMIN)[number];

const isAdmin = (account: Account) => account.role === "owner" || account.role === "admin";

export function AccountPage({ section }: { section: string }) {
  useTitle(t("account.title"));
  const account = useAccount();
  if (account.isError) {
    return (
      <AppFrame>
        <Failure error={account.error} onRetry={() => account.refetch()} />
      </AppFrame>
    );
  }
  if (!account.data) {
    return (
      <AppFrame>
        <Loading>
          <Skeleton className="mx-auto mt-16 h-72 max-w-3xl rounded-2xl" />
        </Loading>
      </AppFrame>
    );
  }
  const names: readonly SectionName[] = isAdmin(account.data) ? [...OWN, ...ADMIN] : OWN;
  const current = names.find((name) => name === section);
  if (!current) return <Redirect to="/settings/profile" replace />;
  return (
    <AppFrame>
      <div className="mx-auto flex max-w-3xl flex-col gap-4">
        <h1 className="mt-2 font-semibold text-[22px] tracking-tight">{t("account.title")}</h1>
        <nav aria-label={t("account.sections")} className="flex flex-wrap gap-1">
          {names.map((name) => (
            <Link
              key={name}
              href={`/settings/${name}`}
              aria-current={name === current ? "page" : undefined}
              className={`rounded-lg px-3 py-1.5 font-medium ${
                name === current ? "bg-accent-soft text-accent-ink" : "text-ink-2 hover:bg-sunken"
              }`}
            >
              {t(`account.${name}`)}
            </Link>
          ))}
        </nav>
        <Content name={current} account={account.data} />
      </div>
    </AppFrame>
  );
}

function Content({ name, account }: { name: SectionName; account: Account }) {
  switch (name) {
    case "profile":
      return <ProfileSection account={account} />;
    case "security":
      return <SecuritySection account={account} />;
    case "sessions":
      return <SessionsSection />;
    case "team":
      return <TeamSection account={account} />;
    case "keys":
      return <KeysSection />;
    case "audit":
      return <AuditSection />;
  }
}
