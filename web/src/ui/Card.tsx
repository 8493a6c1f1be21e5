// A titled card on a page.

import type { ReactNode } from "react";

export function Card({
  title,
  actions,
  children,
}: {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="min-w-0 rounded-2xl border border-line bg-surface p-5 shadow-card">
      <header className="mb-3 flex items-center gap-2">
        <h2 className="mr-auto min-w-0 font-medium text-ink-2">{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}
