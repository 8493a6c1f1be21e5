// What the numbers are compared with.

import { t } from "../i18n/t";
import { COMPARE_MODES } from "../question/url";
import { useSubject } from "../state/subject";
import { buttonClass } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Popover, PopoverItem } from "../ui/Popover";

export function CompareMenu() {
  const { question, ask } = useSubject();
  const { period } = question;
  if (period.kind === "preset" && period.preset === "all") return null;
  const label = t(`compare.${question.compare}`);
  return (
    <Popover
      label={t("compare.choose", { mode: label })}
      triggerClass={buttonClass()}
      trigger={
        <>
          <span className="max-sm:hidden">{label}</span>
          <span className="sm:hidden">{t("compare.short")}</span>
          <Icon name="chevronDown" className="!size-3.5 text-ink-3" />
        </>
      }
      panelClass="sm:w-60"
    >
      {(close) => (
        <>
          {COMPARE_MODES.map((mode) => (
            <PopoverItem
              key={mode}
              selected={question.compare === mode}
              onSelect={() => {
                ask({ compare: mode });
                close();
              }}
            >
              {t(`compare.${mode}`)}
            </PopoverItem>
          ))}
          <label className="mt-1 flex h-9 items-center gap-2 border-line border-t px-2.5 pt-1 text-ink-2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={question.matchWeekday}
              disabled={question.compare === "off"}
              onChange={(event) => ask({ matchWeekday: event.target.checked })}
            />
            {t("compare.matchWeekday")}
          </label>
        </>
      )}
    </Popover>
  );
}
