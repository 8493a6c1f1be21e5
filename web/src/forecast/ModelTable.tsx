// The models behind a forecast: their say in it, and how each did on days that had passed.

import type { Figures } from "../api/predictions";
import { formatPercent } from "../format/number";
import { t } from "../i18n/t";

const decimals = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});

/** The weighted mean of all. */
const ENSEMBLE = "ensemble";

export function ModelTable({
  weights,
  figures,
  champion,
  absent,
}: {
  weights: Record<string, number>;
  figures: Figures[];
  champion: string | null;
  /** Why the network was not tried. */
  absent?: string | undefined;
}) {
  const tested = new Map(figures.map((each) => [each.recipe, each]));
  const names = [...new Set([...Object.keys(weights), ...tested.keys()])].sort(
    (a, b) =>
      Number(b === ENSEMBLE) - Number(a === ENSEMBLE) || (weights[b] ?? 0) - (weights[a] ?? 0),
  );
  const best = bestAlone(figures) ?? champion;
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const heaviest = Math.max(0.01, ...Object.values(weights));
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the table scrolls, so keys must reach it.
      tabIndex={0}
      aria-label={t("forecast.models")}
    >
      <table className="w-full text-right tabular-nums">
        <thead className="text-ink-3">
          <tr className="[&>th]:whitespace-nowrap [&>th]:py-1.5 [&>th]:pl-4 [&>th]:font-medium">
            <th className="!pl-0 text-left">{t("forecast.model")}</th>
            <th className="text-left">{t("forecast.weight")}</th>
            <th>{t("forecast.accuracy")}</th>
            <th title={t("forecast.maseHint")}>MASE</th>
            <th title={t("forecast.pinballHint")}>{t("forecast.pinball")}</th>
            <th>{t("forecast.inside", { share: "80 %" })}</th>
            <th>{t("forecast.inside", { share: "95 %" })}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => {
            const own = tested.get(name);
            const weight = weights[name];
            return (
              <tr key={name} className="border-line border-t [&>*]:py-1.5 [&>td]:pl-4">
                <th
                  scope="row"
                  className={`whitespace-nowrap text-left ${name === ENSEMBLE ? "font-semibold" : "font-normal"}`}
                >
                  {modelName(name)}
                  {name === best && (
                    <span className="ml-2 rounded-full bg-good-soft px-2 py-0.5 font-medium text-[11px] text-good">
                      {t("forecast.best")}
                    </span>
                  )}
                </th>
                <td className="w-full min-w-40 text-left">
                  {weight !== undefined && (
                    <span className="flex items-center gap-2">
                      <span
                        className="h-2 rounded-full bg-accent"
                        style={{ width: `${(weight / heaviest) * 60}%` }}
                      />
                      {formatPercent((weight * 100) / all)}
                    </span>
                  )}
                </td>
                <td>{own?.accuracy == null ? "–" : formatPercent(own.accuracy)}</td>
                <td>{own?.mase == null ? "–" : decimals.format(own.mase)}</td>
                <td>{own ? decimals.format(own.pinball) : "–"}</td>
                <td>{own ? formatPercent(own.coverage_80) : "–"}</td>
                <td>{own ? formatPercent(own.coverage_95) : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {absent && (
        <p className="mt-2 text-[13px] text-ink-3">
          {modelName("lstm")}: {absent}
        </p>
      )}
    </section>
  );
}

/** The model that lost least, which may be another than the one that serves. */
function bestAlone(figures: Figures[]): string | null {
  const alone = figures.filter((each) => each.recipe !== ENSEMBLE);
  const least = Math.min(...alone.map((each) => each.pinball));
  return alone.find((each) => each.pinball === least)?.recipe ?? null;
}

/** Every recipe, by the names of the API. */
export const MODELS = [
  "ensemble",
  "seasonal_naive",
  "ets",
  "theta",
  "arima",
  "mstl",
  "calendar",
  "steady",
  "lags",
  "usual",
  "lstm",
] as const;

/** What a model is called; one that is not known yet keeps the API's name. */
export function modelName(name: string): string {
  const known = MODELS.find((candidate) => candidate === name);
  return known ? t(`model.${known}`) : name;
}
