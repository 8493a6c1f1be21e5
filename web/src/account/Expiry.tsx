// When a key stops working by itself: never, or after so many days.

import { t } from "../i18n/t";
import { INPUT_CLASS } from "../ui/Field";

const CHOICES_DAYS = [30, 90, 365];
const DAY_MS = 86_400_000;

/** The instant that many days from now, as the API takes it. */
export const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString();

/** `value` in days; 0: until it is revoked. */
export function Expiry({ value, onChange }: { value: number; onChange: (days: number) => void }) {
  return (
    <label className="block">
      <span className="mb-1.5 block font-medium">{t("keys.expires")}</span>
      <select
        className={INPUT_CLASS}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      >
        <option value={0}>{t("keys.never")}</option>
        {CHOICES_DAYS.map((days) => (
          <option key={days} value={days}>
            {t("keys.days", { days })}
          </option>
        ))}
      </select>
    </label>
  );
}
