// What is shown instead of numbers: loading, nothing, failure.

import type { ReactNode } from "react";
import { t } from "../i18n/t";
import { Button } from "./Button";
import { Icon } from "./icons";

export function Skeleton({ className = "" }: { className?: string }) {
  return <div aria-hidden="true" className={`animate-breathe rounded-md bg-sunken ${className}`} />;
}

/** Says to a screen reader what sighted readers see as grey bars. */
export function Loading({ children }: { children?: ReactNode }) {
  return (
    <div role="status">
      <span className="sr-only">{t("common.loading")}</span>
      {children}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-1 px-6 py-10 text-center">
      <p className="font-medium text-ink-2">{title}</p>
      {children && <div className="max-w-sm text-ink-3">{children}</div>}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div
      role="alert"
      className="flex h-full flex-col items-center justify-center gap-3 px-6 py-10 text-center"
    >
      <Icon name="warning" className="text-bad" />
      <div>
        <p className="font-medium">{t("common.failed")}</p>
        <p className="max-w-sm text-ink-3 [overflow-wrap:anywhere]">{error.message}</p>
      </div>
      <Button onClick={onRetry}>{t("common.retry")}</Button>
    </div>
  );
}
