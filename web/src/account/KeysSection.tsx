// Every key of the instance at a glance, and the keys that belong to no project.

import { account as api } from "../api/account";
import { useAllKeys, useChange } from "../api/accountHooks";
import { t } from "../i18n/t";
import { Failure, Loading, Skeleton } from "../ui/states";
import { KeyRows, MakeKey } from "./KeyRows";
import { Section } from "./Section";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const DAYS_AT_FIRST = 90;

export function KeysSection() {
  const keys = useAllKeys();
  const revoke = useChange(api.revokeKey, ["allKeys", "keys"]);
  const create = useChange(api.createKey, ["allKeys"]);
  if (keys.isError) return <Failure error={keys.error} onRetry={() => keys.refetch()} />;
  if (!keys.data) {
    return (
      <Loading>
        <Skeleton className="h-40 rounded-2xl" />
      </Loading>
    );
  }
  const shown = keys.data.keys.map((key) => ({
    ...key,
    of: key.project ? t("allKeys.project", { id: key.project }) : t("allKeys.instance"),
  }));
  return (
    <Section title={t("account.keys")} text={t("allKeys.text")}>
      <KeyRows keys={shown} zone={ZONE} revoke={revoke}>
        <MakeKey label={t("allKeys.create")} daysAtFirst={DAYS_AT_FIRST} create={create}>
          <p className="text-ink-2">{t("scope.admin")}</p>
        </MakeKey>
      </KeyRows>
    </Section>
  );
}
