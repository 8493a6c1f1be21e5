// Switches between a chart and the same numbers as a table.

import { t } from "../i18n/t";
import { Button } from "./Button";
import { Icon } from "./icons";

export function TableToggle({ on, onToggle }: { on: boolean; onToggle: (on: boolean) => void }) {
  const label = t(on ? "chart.showChart" : "chart.showTable");
  return (
    <Button
      size="iconSmall"
      variant="quiet"
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={() => onToggle(!on)}
    >
      <Icon name={on ? "chart" : "table"} />
    </Button>
  );
}
