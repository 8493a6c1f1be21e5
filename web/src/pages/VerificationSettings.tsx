// Which hosts of a project are shown to be its people's own, and how to show it for the others.

import type { VerifiedHost } from "../api/verification";
import { useVerification, useVerify } from "../api/verificationHooks";
import { formatInstant } from "../format/time";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { CopyBlock } from "../ui/Copy";
import { FormError } from "../ui/Field";
import { Failure, Loading, Skeleton } from "../ui/states";

export function VerificationSettings({ id, zone }: { id: string; zone: string }) {
  const hosts = useVerification(id);
  if (hosts.isPending) {
    return (
      <Loading>
        <Skeleton className="h-16" />
      </Loading>
    );
  }
  if (hosts.isError) return <Failure error={hosts.error} onRetry={() => hosts.refetch()} />;
  return (
    <ul className="divide-y divide-line border-line border-y">
      {hosts.data.map((host) => (
        <li key={host.host} className="py-3">
          <Host id={id} host={host} zone={zone} />
        </li>
      ))}
    </ul>
  );
}

function Host({ id, host, zone }: { id: string; host: VerifiedHost; zone: string }) {
  const verify = useVerify(id);
  const looked = verify.data;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <div className="mr-auto min-w-0">
          <p className="font-medium">{host.host}</p>
          <p className="text-[13px] text-ink-3">
            {host.proof && host.verified_at
              ? t(`verify.${host.proof}`, { date: formatInstant(host.verified_at, zone) })
              : t("verify.not")}
          </p>
        </div>
        <Button
          busy={verify.isPending}
          aria-label={t("verify.lookAt", { host: host.host })}
          onClick={() => verify.mutate(host.host)}
        >
          {t("verify.look")}
        </Button>
      </div>
      <FormError error={verify.error} />
      <div role="status">
        {looked && !looked.found && (
          <ul className="mt-2 text-[13px] text-bad">
            {looked.tried.map((tried) => (
              <li key={tried.address} className="break-words">
                {tried.address} {tried.outcome}
              </li>
            ))}
          </ul>
        )}
      </div>
      {!host.proof && (
        <details className="mt-2">
          <summary className="cursor-pointer text-ink-2">{t("verify.how")}</summary>
          <p className="mt-2 text-ink-2">{t("verify.fileHow", { address: host.file.address })}</p>
          <CopyBlock text={host.file.text} label={t("verify.token")} />
          <p className="mt-2 text-ink-2">{t("verify.metaHow")}</p>
          <CopyBlock text={host.meta} label={t("verify.element")} />
          <p className="mt-2 text-ink-2">{t("verify.snippetHow")}</p>
        </details>
      )}
    </>
  );
}
