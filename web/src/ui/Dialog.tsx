// A modal dialog on the browser's own element: it traps focus, closes with Escape, and gives the
// focus back. What carries `data-autofocus` has it first. A click on the backdrop closes it too.

import { type ReactNode, useEffect, useId, useRef } from "react";
import { t } from "../i18n/t";
import { Button } from "./Button";
import { Icon } from "./icons";

const WIDTHS = { small: "max-w-md", wide: "max-w-4xl" } as const;

export function Dialog({
  title,
  onClose,
  width = "small",
  actions,
  textOnly = false,
  children,
}: {
  title: string;
  onClose: () => void;
  width?: keyof typeof WIDTHS;
  actions?: ReactNode;
  /** Nothing inside takes the focus, so the text itself must, to be scrolled by keys. */
  textOnly?: boolean;
  children: ReactNode;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape, the dialog's own key, does the same.
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === ref.current && onClose()}
      className={`m-auto max-h-[min(44rem,calc(100dvh-2rem))] w-[calc(100vw-2rem)] ${WIDTHS[width]} flex-col overflow-hidden rounded-2xl border border-line bg-raised text-ink shadow-pop open:flex`}
    >
      <header className="flex items-center gap-2 border-line border-b py-3 pr-3 pl-5">
        <h2 id={titleId} className="mr-auto truncate font-semibold text-[15px]">
          {title}
        </h2>
        {actions}
        <Button variant="quiet" size="iconSmall" aria-label={t("common.close")} onClick={onClose}>
          <Icon name="close" />
        </Button>
      </header>
      <div
        {...(textOnly && { tabIndex: 0, role: "group", "aria-labelledby": titleId })}
        className="flex min-h-0 flex-1 flex-col overflow-y-auto focus-visible:-outline-offset-2"
      >
        {children}
      </div>
    </dialog>
  );
}
