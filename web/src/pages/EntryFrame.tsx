// The quiet page around signing in and setting up: a mark, a title, a card.

import type { ReactNode } from "react";
import { OfflineBanner } from "../ui/AppFrame";
import { Logo } from "../ui/icons";

export function EntryFrame({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children: ReactNode;
}) {
  return (
    <>
      <OfflineBanner />
      <main className="mx-auto flex min-h-dvh max-w-[400px] flex-col justify-center gap-6 px-4 py-12">
        <div className="flex flex-col items-center gap-3 text-center">
          <Logo className="!size-11" />
          <h1 className="font-semibold text-[22px] tracking-tight">{title}</h1>
          {text && <p className="text-ink-2 text-balance">{text}</p>}
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-card">{children}</div>
      </main>
    </>
  );
}
