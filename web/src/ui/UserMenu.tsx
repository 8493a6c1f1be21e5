// The reader's own menu: theme and sign out.

import { useLocation } from "wouter";
import { useSession, useSignOut } from "../api/hooks";
import { t } from "../i18n/t";
import { setTheme, THEMES, useTheme } from "../state/theme";
import { Icon, type IconName } from "./icons";
import { Popover, PopoverItem } from "./Popover";

const THEME_ICONS: Record<(typeof THEMES)[number], IconName> = {
  system: "system",
  light: "sun",
  dark: "moon",
};

export function UserMenu() {
  const user = useSession().data?.user;
  const signOut = useSignOut();
  const theme = useTheme();
  const [, navigate] = useLocation();
  const name = user?.name ?? user?.email ?? "";
  return (
    <Popover
      label={t("nav.user")}
      triggerClass="grid size-9 shrink-0 place-items-center rounded-lg hover:bg-sunken"
      trigger={
        <span className="grid size-7 place-items-center rounded-full bg-accent-soft font-semibold text-[12px] text-accent-ink uppercase">
          {name.slice(0, 1) || "·"}
        </span>
      }
      panelClass="sm:w-60"
    >
      {(close) => (
        <>
          <div className="border-line border-b px-2.5 pt-1 pb-2">
            <p className="truncate font-medium">{name}</p>
            {user?.name && <p className="truncate text-[13px] text-ink-3">{user.email}</p>}
          </div>
          <fieldset
            aria-label={t("theme.label")}
            className="my-1.5 grid grid-cols-3 gap-1 rounded-lg bg-sunken p-1"
          >
            {THEMES.map((choice) => (
              <button
                key={choice}
                type="button"
                aria-pressed={theme === choice}
                onClick={() => setTheme(choice)}
                className={`flex h-8 items-center justify-center gap-1.5 rounded-md text-[13px] ${
                  theme === choice
                    ? "bg-surface font-medium shadow-card"
                    : "text-ink-2 hover:text-ink"
                }`}
              >
                <Icon name={THEME_ICONS[choice]} />
                {t(`theme.${choice}`)}
              </button>
            ))}
          </fieldset>
          <PopoverItem
            onSelect={() => {
              close();
              navigate("/settings/profile");
            }}
          >
            {t("nav.settings")}
          </PopoverItem>
          <PopoverItem
            onSelect={() =>
              signOut.mutate(undefined, {
                onSuccess: () => {
                  close();
                  navigate("/login");
                },
              })
            }
          >
            {t("nav.signOut")}
          </PopoverItem>
        </>
      )}
    </Popover>
  );
}
