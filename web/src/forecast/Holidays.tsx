// The country whose public holidays the forecasts of a project know.

import { useHolidays } from "../api/predictionHooks";
import { t } from "../i18n/t";
import { FormError } from "../ui/Field";

export function Holidays({ site }: { site: string }) {
  const { holidays, choose } = useHolidays(site);
  if (!holidays.data) return null;
  const { country, countries } = holidays.data;
  return (
    <label className="flex flex-wrap items-center gap-2 text-[13px] text-ink-2">
      {t("forecast.holidays")}
      <select
        className="h-8 rounded-md border border-line bg-surface px-2 text-ink"
        value={country ?? ""}
        disabled={choose.isPending}
        onChange={(event) => choose.mutate(event.target.value || null)}
      >
        <option value="">{t("forecast.noHolidays")}</option>
        {countries.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      <FormError error={choose.error} />
    </label>
  );
}
