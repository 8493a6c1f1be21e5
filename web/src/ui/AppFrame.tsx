// The page around every signed-in page: top bar, content, and the banner when offline.

import type { ReactNode } from "react";
import { Link } from "wouter";
import { useHasNumbers } from "../api/hooks";
import { t } from "../i18n/t";
import { useOnline } from "../state/online";
import { Icon, Logo } from "./icons";
import { UserMenu } from "./UserMenu";

export function AppFrame({
  bar,
  nav,
  children,
}: {
  bar?: ReactNode;
  nav?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("nav.skip")}
      </a>
      <header className="sticky top-0 z-30 border-line border-b bg-canvas/90 backdrop-blur-md">
        <div className="relative mx-auto flex h-14 max-w-[1240px] items-center gap-1 px-4 sm:gap-2">
          <Link href="/" aria-label={t("nav.projects")} className="rounded-lg">
            <Logo />
          </Link>
          {bar ?? <span className="pl-1 font-semibold text-[15px] tracking-tight">Almanac</span>}
          <span className="flex-1" />
          <UserMenu />
        </div>
        {nav}
      </header>
      <OfflineBanner />
      <main id="content" className="mx-auto max-w-[1240px] px-4 pt-4 pb-16">
        {children}
      </main>
    </>
  );
}

export function OfflineBanner() {
  const online = useOnline();
  const hasNumbers = useHasNumbers();
  if (online) return null;
  return (
    <p
      role="status"
      className="flex items-center justify-center gap-2 bg-warn-soft px-4 py-2 font-medium text-warn"
    >
      <Icon name="warning" />
      {t(hasNumbers ? "common.offlineNumbers" : "common.offline")}
    </p>
  );
}
