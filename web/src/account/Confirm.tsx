// A second thought before something that cannot be taken back.

import type { ReactNode } from "react";
import { t } from "../i18n/t";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { FormError } from "../ui/Field";

export function Confirm({
  title,
  text,
  action,
  error,
  busy,
  onConfirm,
  onClose,
}: {
  title: string;
  text: ReactNode;
  action: string;
  error: Error | null;
  busy: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="flex flex-col gap-4 p-5">
        <FormError error={error} />
        <p className="text-ink-2">{text}</p>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="danger" busy={busy} onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
