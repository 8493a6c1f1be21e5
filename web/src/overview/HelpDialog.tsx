// The keyboard shortcuts, all of them.

import { t } from "../i18n/t";
import { PRESETS } from "../question/period";
import { Dialog } from "../ui/Dialog";
import { PRESET_KEYS } from "./DatePicker";

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  const periods = PRESETS.map((preset) => [PRESET_KEYS[preset], t(`period.${preset}`)] as const);
  const others = [
    ["C", t("period.custom")],
    ["X", t("help.compare")],
    ["/", t("filter.add")],
    ["R", t("nav.realtime")],
    ["Esc", t("help.clear")],
    ["?", t("help.title")],
  ] as const;
  return (
    <Dialog title={t("help.title")} onClose={onClose} textOnly>
      <dl className="grid gap-x-8 gap-y-1 p-5 sm:grid-cols-2">
        {[...periods, ...others].map(([key, label]) => (
          <div key={key} className="flex h-8 items-center justify-between gap-3">
            <dt className="text-ink-2">{label}</dt>
            <dd>
              <kbd className="grid h-6 min-w-6 place-items-center rounded-md border border-line-strong bg-sunken px-1.5 font-medium font-sans text-[12px]">
                {key}
              </kbd>
            </dd>
          </div>
        ))}
      </dl>
      <p className="border-line border-t px-5 py-3 text-[13px] text-ink-3">{t("help.chart")}</p>
    </Dialog>
  );
}
