// The keys of a project: what each is for, made and revoked.

import { useState } from "react";
import { KeyRows, MakeKey } from "../account/KeyRows";
import { useCreateKey, useKeys, useRevokeKey } from "../api/hooks";
import type { KeyScope } from "../api/types";
import { t } from "../i18n/t";
import { INPUT_CLASS } from "../ui/Field";
import { Failure, Loading, Skeleton } from "../ui/states";

/** What a key of one project can be for; an admin key is of no project. */
const OFFERED: KeyScope[] = ["stats:read", "ingest", "project:write"];

export function KeysSettings({ id, zone }: { id: string; zone: string }) {
  const keys = useKeys(id);
  const revoke = useRevokeKey(id);
  const create = useCreateKey(id);
  const [scope, setScope] = useState<KeyScope>("stats:read");
  if (keys.isPending) {
    return (
      <Loading>
        <Skeleton className="h-24" />
      </Loading>
    );
  }
  if (keys.isError) return <Failure error={keys.error} onRetry={() => keys.refetch()} />;
  return (
    <KeyRows keys={keys.data.keys} zone={zone} revoke={revoke}>
      <MakeKey
        label={t("keys.create")}
        daysAtFirst={0}
        create={{ ...create, mutate: (key) => create.mutate({ scope, ...key }) }}
      >
        <label className="block">
          <span className="mb-1.5 block font-medium">{t("keys.scope")}</span>
          <select
            className={INPUT_CLASS}
            value={scope}
            onChange={(event) => setScope(event.target.value as KeyScope)}
          >
            {OFFERED.map((offered) => (
              <option key={offered} value={offered}>
                {t(`scope.${offered}`)}
              </option>
            ))}
          </select>
        </label>
      </MakeKey>
    </KeyRows>
  );
}
