// Text to take away: a code block or a secret with a button that copies it.

import { useEffect, useState } from "react";
import { t } from "../i18n/t";
import { Button } from "./Button";
import { Icon } from "./icons";

const COPIED_SHOWN_MS = 2_000;

export function CopyBlock({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), COPIED_SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);
  return (
    <div className="flex items-start gap-2 rounded-lg border border-line bg-sunken py-1.5 pr-1.5 pl-3">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long text scrolls, so keys must reach it.
        tabIndex={0}
        aria-label={label}
        className="min-w-0 flex-1 whitespace-pre-wrap py-1 font-mono text-[12.5px] leading-5 [overflow-wrap:anywhere]"
      >
        {text}
      </section>
      <Button
        size="iconSmall"
        variant="quiet"
        aria-label={t("common.copyNamed", { what: label })}
        onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
      >
        <Icon name={copied ? "check" : "copy"} className={copied ? "text-good" : ""} />
      </Button>
      <span role="status" className="sr-only">
        {copied ? t("common.copied") : ""}
      </span>
    </div>
  );
}
