// The other time of a comparison in words: `vs yesterday until 11:19`.

import { t } from "../i18n/t";
import { addDays, type LocalDate } from "../question/dates";
import { formatClock, formatRange, formatYesterday } from "./time";

/** Whole days end with their last second, as the API writes them. */
const DAY_END = "T23:59:59";

/** `[start, end]` as the API repeats them, with the offset of the project's zone. */
export function versus([start, end]: [string, string], today: LocalDate): string {
  const [from, to] = [start.slice(0, 10), end.slice(0, 10)];
  const isYesterday = from === to && from === addDays(today, -1);
  const range = isYesterday ? formatYesterday() : formatRange(from, to);
  if (end.slice(10, 19) === DAY_END) return t("overview.versus", { range });
  return t("overview.versusUntil", { range, clock: formatClock(end.slice(0, 19)) });
}
