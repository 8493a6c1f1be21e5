// What was refused, reason by reason, for one project and for none: a mistyped domain belongs to no
// project and would show nowhere else.

import type { Health, Refused } from "../api/types";
import { formatCount } from "../format/number";
import { t } from "../i18n/t";
import { Card } from "../ui/Card";
import { Empty } from "../ui/states";

/** The reason behind `unknown_domain`, which has a sentence of its own here. */
const UNKNOWN_DOMAIN = "unknown_project";

export function Unattributed({ health, domain }: { health: Health; domain: string }) {
  const others = health.unattributed.filter(({ reason }) => reason !== UNKNOWN_DOMAIN);
  if (health.unknown_domain === 0 && others.every(({ count }) => count === 0)) return null;
  const unknown = { count: formatCount(health.unknown_domain) };
  return (
    <Card title={t("health.unattributed")}>
      <p className="mb-3 text-[13px] text-ink-3">{t("health.unattributedText")}</p>
      {health.unknown_domain > 0 && (
        <div className="mb-3 rounded-xl bg-warn-soft px-4 py-3 text-warn">
          <p className="font-medium">
            {health.unknown_domain === 1
              ? t("health.unknownDomain.one", unknown)
              : t("health.unknownDomain.other", unknown)}
          </p>
          <p className="text-[13px]">{t("health.unknownDomainRemedy", { domain })}</p>
        </div>
      )}
      {others.length > 0 && <Reasons refused={others} />}
    </Card>
  );
}

export function Reasons({ refused }: { refused: Refused[] }) {
  const shown = refused.filter((refusal) => refusal.count > 0);
  if (shown.length === 0) return <Empty title={t("health.noRefusals")} />;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {shown.map((refusal) => (
        <li key={refusal.reason} className="py-3 first:pt-0 last:pb-0">
          <div className="flex items-baseline gap-2">
            <code className="font-mono text-[13px]">{refusal.reason}</code>
            <span className="ml-auto font-semibold tabular-nums">{formatCount(refusal.count)}</span>
          </div>
          <p className="text-ink-2">{refusal.explanation}</p>
          <p className="text-[13px] text-ink-3">→ {refusal.remedy}</p>
        </li>
      ))}
    </ul>
  );
}
