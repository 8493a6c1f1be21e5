// A button with a panel below it: menus and pickers. Escape and a press outside close it and the
// focus returns to the button. On a phone the panel spans the screen.

import { type ReactNode, useEffect, useId, useRef, useState } from "react";

export function Popover({
  label,
  trigger,
  triggerClass,
  align = "end",
  panelClass = "",
  open: controlled,
  onOpenChange,
  children,
}: {
  /** What the button does, for those who cannot see it. */
  label: string;
  trigger: ReactNode;
  triggerClass: string;
  align?: "start" | "end";
  panelClass?: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: (close: () => void) => ReactNode;
}) {
  const [own, setOwn] = useState(false);
  const open = controlled ?? own;
  const setOpen = onOpenChange ?? setOwn;
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const latest = useRef({ close, setOpen });
  useEffect(() => {
    latest.current = { close, setOpen };
  });

  useEffect(() => {
    if (!open) return;
    const panel = root.current?.querySelector<HTMLElement>("[data-popover]");
    const first =
      panel?.querySelector<HTMLElement>("[aria-checked=true], [aria-pressed=true], [autofocus]") ??
      panel?.querySelector<HTMLElement>("button, a, input, select");
    // What is in the panel may still be on its way: the panel itself comes before it.
    (first ?? panel)?.focus();
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) latest.current.close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      latest.current.close();
    };
    const onFocus = (event: FocusEvent) => {
      if (!root.current?.contains(event.target as Node)) latest.current.setOpen(false);
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("focusin", onFocus);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("focusin", onFocus);
    };
  }, [open]);

  const side = align === "end" ? "sm:right-0" : "sm:left-0";
  return (
    <div ref={root} className="min-w-0 sm:relative">
      <button
        ref={button}
        type="button"
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        className={triggerClass}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {trigger}
      </button>
      {open && (
        <div
          id={panelId}
          data-popover=""
          tabIndex={-1}
          className={`absolute inset-x-4 z-40 mt-1.5 animate-enter rounded-xl border border-line bg-raised p-1.5 shadow-pop outline-none sm:inset-x-auto ${side} ${panelClass}`}
        >
          {children(close)}
        </div>
      )}
    </div>
  );
}

/** A line of a popover's list. */
export function PopoverItem({
  selected,
  hint,
  onSelect,
  children,
}: {
  selected?: boolean;
  hint?: string;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={selected}
      onClick={onSelect}
      className={`flex h-8 w-full items-center gap-2 rounded-md px-2.5 text-left hover:bg-sunken ${
        selected ? "font-medium text-accent-ink" : "text-ink"
      }`}
    >
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint && <kbd className="font-sans text-[11px] text-ink-3">{hint}</kbd>}
    </button>
  );
}
