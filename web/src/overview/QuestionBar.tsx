// The bar above every page that answers a question: filters, period, comparison, and their keys.
// Its dialogs are fetched when they are opened.

import { lazy, type ReactNode, Suspense, useState } from "react";
import { useLocation } from "wouter";
import { t } from "../i18n/t";
import { PRESETS } from "../question/period";
import { type Shortcuts, useShortcuts } from "../state/shortcuts";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";
import { CompareMenu } from "./CompareMenu";
import { DatePicker, type DatesOpen, PRESET_KEYS } from "./DatePicker";
import { FilterBar } from "./FilterBar";

const FilterDialog = lazy(() => import("./FilterDialog"));
const HelpDialog = lazy(() => import("./HelpDialog"));

type Open =
  | { dialog: "filter"; index: number }
  | { dialog: "help" }
  | { dialog: "dates"; shows: DatesOpen }
  | null;

export function QuestionBar({
  children,
  compares = true,
  periods = true,
}: {
  /** The page's heading. */
  children: ReactNode;
  /** Whether the page compares with another time. */
  compares?: boolean;
  periods?: boolean;
}) {
  const { question, ask, site } = useSubject();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<Open>(null);
  const newFilter = () => setOpen({ dialog: "filter", index: question.filters.length });

  const shortcuts: Shortcuts = {
    "/": newFilter,
    "?": () => setOpen({ dialog: "help" }),
    c: () => setOpen({ dialog: "dates", shows: "calendar" }),
    r: () => navigate(`/projects/${site}/realtime`),
    x: () => ask({ compare: question.compare === "off" ? "previous_period" : "off" }),
    escape: () => question.filters.length > 0 && ask({ filters: [] }),
  };
  for (const preset of PRESETS) {
    shortcuts[PRESET_KEYS[preset].toLowerCase()] = () =>
      ask({ period: { kind: "preset", preset }, interval: null });
  }
  useShortcuts(shortcuts);

  return (
    <>
      <div className="relative -mx-4 flex flex-wrap items-center gap-2 px-4">
        {children}
        <Button onClick={newFilter} title={`${t("filter.add")} (/)`} aria-label={t("filter.add")}>
          <Icon name="filter" className="text-ink-3" />
          <span className="max-sm:hidden">{t("filter.button")}</span>
        </Button>
        <span className="flex-1" />
        {compares && <CompareMenu />}
        {periods && (
          <DatePicker
            open={open?.dialog === "dates" ? open.shows : null}
            onOpen={(shows) => setOpen(shows ? { dialog: "dates", shows } : null)}
          />
        )}
        <Button
          size="icon"
          variant="quiet"
          className="max-md:hidden"
          aria-label={t("help.title")}
          title={`${t("help.title")} (?)`}
          onClick={() => setOpen({ dialog: "help" })}
        >
          <Icon name="keyboard" />
        </Button>
      </div>
      <FilterBar onEdit={(index) => setOpen({ dialog: "filter", index })} />
      <Suspense>
        {open?.dialog === "filter" && (
          <FilterDialog index={open.index} onClose={() => setOpen(null)} />
        )}
        {open?.dialog === "help" && <HelpDialog onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}
