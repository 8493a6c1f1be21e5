// Visitors by minute over the last half hour, as bars that grow from the right.

import { formatCount } from "../format/number";
import { t } from "../i18n/t";

export function MinuteBars({ minutes }: { minutes: number[] }) {
  const max = Math.max(1, ...minutes);
  return (
    <div>
      <ol className="flex h-32 items-end gap-[3px]" aria-label={t("realtime.minutesLabel")}>
        {minutes.map((visitors, index) => {
          const ago = minutes.length - 1 - index;
          const text = t(visitors === 1 ? "realtime.minute.one" : "realtime.minute.other", {
            visitors: formatCount(visitors),
            ago,
          });
          return (
            <li key={ago} className="group flex h-full flex-1 items-end" title={text}>
              <span className="sr-only">{text}</span>
              <span
                className={`w-full rounded-t-[3px] transition-[height] duration-300 group-hover:bg-accent-ink ${
                  visitors > 0 ? "bg-accent" : "bg-line"
                }`}
                style={{ height: visitors > 0 ? `${Math.max(4, (visitors / max) * 100)}%` : 2 }}
              />
            </li>
          );
        })}
      </ol>
      <div className="mt-2 flex justify-between text-[11px] text-ink-3" aria-hidden="true">
        <span>{t("realtime.halfHourAgo")}</span>
        <span>{t("realtime.now")}</span>
      </div>
    </div>
  );
}
