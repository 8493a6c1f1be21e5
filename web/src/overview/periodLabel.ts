// What a period is called on its button.

import { formatRange } from "../format/time";
import { t } from "../i18n/t";
import type { Period } from "../question/period";

export const periodLabel = (period: Period): string =>
  period.kind === "custom" ? formatRange(period.from, period.to) : t(`period.${period.preset}`);
