// Single-key shortcuts. They rest while somebody types, while a dialog is open, and when a
// modifier is held, so that the browser's own keys keep working.

import { useEffect, useRef } from "react";

export type Shortcuts = Record<string, () => void>;

function resting(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target as HTMLElement | null;
  if (target?.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"))
    return true;
  return document.querySelector("dialog[open], [data-popover]") !== null;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = latest.current[event.key.toLowerCase()];
      if (!action || resting(event)) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
