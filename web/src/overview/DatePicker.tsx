// The period: presets with their keys, a calendar for any other range, arrows to step.

import { lazy, Suspense } from "react";
import { t } from "../i18n/t";
import { addDays } from "../question/dates";
import { datesOf, PRESETS, type Preset, shifted } from "../question/period";
import { useSubject } from "../state/subject";
import { Button, buttonClass } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Popover, PopoverItem } from "../ui/Popover";
import { Skeleton } from "../ui/states";
import { periodLabel } from "./periodLabel";

const Calendar = lazy(() => import("./Calendar"));

export const PRESET_KEYS: Record<Preset, string> = {
  day: "D",
  yesterday: "E",
  "24h": "H",
  "7d": "W",
  "28d": "F",
  "30d": "T",
  "91d": "N",
  month: "M",
  last_month: "P",
  year: "Y",
  "12mo": "L",
  all: "A",
};

/** Presets after which the list draws a line. */
const GROUP_ENDS: readonly Preset[] = ["24h", "91d", "last_month", "12mo"];

/** What lies open below the button: nothing, the list, or the calendar. */
export type DatesOpen = "presets" | "calendar" | null;

export function DatePicker({
  open,
  onOpen,
}: {
  open: DatesOpen;
  onOpen: (open: DatesOpen) => void;
}) {
  const { question, ask, today } = useSubject();
  const { period } = question;
  const previous = shifted(period, -1, today);
  const next = shifted(period, 1, today);
  return (
    <div className="flex items-center gap-1.5">
      <div className="hidden rounded-lg border border-line bg-surface shadow-card md:flex">
        <Button
          size="iconSmall"
          variant="quiet"
          className="!h-[34px] rounded-r-none"
          aria-label={t("period.earlier")}
          title={t("period.earlier")}
          disabled={!previous}
          onClick={() => previous && ask({ period: previous })}
        >
          <Icon name="chevronLeft" />
        </Button>
        <Button
          size="iconSmall"
          variant="quiet"
          className="!h-[34px] rounded-l-none"
          aria-label={t("period.later")}
          title={t("period.later")}
          disabled={!next}
          onClick={() => next && ask({ period: next })}
        >
          <Icon name="chevronRight" />
        </Button>
      </div>
      <Popover
        label={t("period.choose", { period: periodLabel(period) })}
        open={open !== null}
        onOpenChange={(value) => onOpen(value ? "presets" : null)}
        triggerClass={buttonClass()}
        trigger={
          <>
            <Icon name="calendar" className="text-ink-3" />
            {periodLabel(period)}
            <Icon name="chevronDown" className="!size-3.5 text-ink-3" />
          </>
        }
        panelClass={open === "calendar" ? "sm:w-80" : "sm:w-60"}
      >
        {(close) =>
          open === "calendar" ? (
            <Suspense fallback={<Skeleton className="h-80" />}>
              <Calendar
                initial={datesOf(period, today) ?? [addDays(today, -27), today]}
                today={today}
                onChoose={(from, to) => {
                  ask({ period: { kind: "custom", from, to }, interval: null });
                  close();
                }}
              />
            </Suspense>
          ) : (
            <>
              {PRESETS.map((preset) => (
                <div
                  key={preset}
                  className={GROUP_ENDS.includes(preset) ? "mb-1 border-line border-b pb-1" : ""}
                >
                  <PopoverItem
                    selected={period.kind === "preset" && period.preset === preset}
                    hint={PRESET_KEYS[preset]}
                    onSelect={() => {
                      ask({ period: { kind: "preset", preset }, interval: null });
                      close();
                    }}
                  >
                    {t(`period.${preset}`)}
                  </PopoverItem>
                </div>
              ))}
              <PopoverItem
                selected={period.kind === "custom"}
                hint="C"
                onSelect={() => onOpen("calendar")}
              >
                {t("period.custom")}
              </PopoverItem>
            </>
          )
        }
      </Popover>
    </div>
  );
}
