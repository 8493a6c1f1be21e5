// Where a metric is going and how its week usually looks, each with a word on how sure that is.

import { useTrend } from "../api/predictionHooks";
import type { Trend as Found, Series } from "../api/predictions";
import { formatCount, formatPercent } from "../format/number";
import { sentence } from "../format/sentence";
import { t } from "../i18n/t";
import { Card } from "../ui/Card";

/** A Monday; only the names of its week are used. */
const MONDAY = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", timeZone: "UTC" });
const perDay = new Intl.NumberFormat(undefined, {
  maximumSignificantDigits: 2,
  signDisplay: "exceptZero",
});

export function Trend({ series }: { series: Series }) {
  const trend = useTrend(series);
  if (!trend.data) return null;
  return (
    <Card title={t("trend.title")}>
      <Told found={trend.data} />
    </Card>
  );
}

export function Told({ found }: { found: Found }) {
  const { trend, week, messages } = found;
  if (trend === null) return <p className="text-ink-3">{sentence(messages[0] ?? "")}</p>;
  const range = `${perDay.format(trend.per_day_low)} – ${perDay.format(trend.per_day_high)}`;
  return (
    <>
      <p>
        <span className="font-semibold">
          {trend.is_significant
            ? t("trend.perDay", { value: perDay.format(trend.per_day) })
            : t("trend.level")}
        </span>{" "}
        <span className="text-ink-3">{t("trend.range", { range, days: trend.days })}</span>
      </p>
      {week && <Week {...week} />}
    </>
  );
}

function Week({ effects, strength }: { effects: number[]; strength: number }) {
  const largest = Math.max(1e-9, ...effects.map(Math.abs));
  return (
    <figure className="mt-3">
      <figcaption className="mb-1 text-[13px] text-ink-2">
        {t("trend.week", { share: formatPercent(Math.round(strength * 100)) })}
      </figcaption>
      <ul className="grid grid-cols-7 gap-2 text-center text-[13px] tabular-nums">
        {effects.map((effect, index) => (
          <li key={weekday.format(MONDAY + index * DAY_MS)}>
            <span aria-hidden="true" className="flex h-16 flex-col justify-center">
              <span
                className={`mx-auto w-6 rounded-sm ${effect < 0 ? "translate-y-1/2 bg-ink-3" : "-translate-y-1/2 bg-accent"}`}
                style={{ height: `${(Math.abs(effect) / largest) * 50}%` }}
              />
            </span>
            <span className="block text-ink-3">{weekday.format(MONDAY + index * DAY_MS)}</span>
            {effect > 0 && "+"}
            {formatCount(effect)}
          </li>
        ))}
      </ul>
    </figure>
  );
}
