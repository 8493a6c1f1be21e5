// One card of the settings: a heading, what it is for, and its content.

import type { ReactNode } from "react";

export function Section({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ReactNode;
}) {
  return (
    <section className="rounded-2xl border border-line bg-surface p-5 shadow-card sm:p-6">
      <h2 className="font-semibold text-[15px]">{title}</h2>
      {text && <p className="text-ink-2">{text}</p>}
      <div className="mt-4">{children}</div>
    </section>
  );
}
