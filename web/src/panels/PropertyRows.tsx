// Events by one of their properties: first the properties that there are, then the values of the one
// that was chosen.

import { useInventory } from "../api/savedHooks";
import { formatCount, formatShort } from "../format/number";
import { t } from "../i18n/t";
import { dateRangeOf } from "../question/period";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import { propertyBreakdown } from "./catalogue";
import { RowList } from "./RowList";

export default function PropertyRows() {
  const [property, setProperty] = useParam("property", "");
  if (property === "") return <Names onChoose={setProperty} />;
  return (
    <>
      <div className="mb-1 flex items-center gap-1">
        <Button
          size="iconSmall"
          variant="quiet"
          aria-label={t("panel.propertyAll")}
          title={t("panel.propertyAll")}
          onClick={() => setProperty("")}
        >
          <Icon name="chevronLeft" />
        </Button>
        <p className="truncate font-medium">{property}</p>
      </div>
      <RowList breakdown={propertyBreakdown(property)} />
    </>
  );
}

function Names({ onChoose }: { onChoose: (property: string) => void }) {
  const { site, question, today } = useSubject();
  const inventory = useInventory({
    site_id: site,
    date_range: dateRangeOf(question.period, today),
  });
  if (inventory.isPending) {
    return (
      <Loading>
        <Skeleton className="h-32" />
      </Loading>
    );
  }
  if (inventory.isError && !inventory.data) {
    return <Failure error={inventory.error} onRetry={() => inventory.refetch()} />;
  }
  const names = inventory.data?.properties ?? [];
  if (names.length === 0) {
    return <Empty title={t("panel.propertyNone")}>{t("panel.propertyNoneHint")}</Empty>;
  }
  const most = Math.max(1, ...names.map(({ events }) => events));
  return (
    <ul className={`transition-opacity ${inventory.isPlaceholderData ? "opacity-60" : ""}`}>
      {names.map(({ name, events }) => (
        <li key={name}>
          <button
            type="button"
            onClick={() => onChoose(name)}
            className="group flex h-8 w-full items-center gap-3 rounded-md text-left tabular-nums focus-visible:outline-offset-0"
          >
            <span className="relative flex h-full min-w-0 flex-1 items-center">
              <span
                className="absolute inset-y-0.5 left-0 rounded-[5px] bg-bar transition-colors group-hover:bg-bar-hover"
                style={{ width: `${Math.max(0.6, (events / most) * 100)}%` }}
              />
              <span className="relative truncate px-2">{name}</span>
            </span>
            <span className="w-14 text-right font-medium" title={formatCount(events)}>
              {formatShort(events)}
            </span>
            <Icon name="chevronRight" className="!size-3.5 text-ink-3" />
          </button>
        </li>
      ))}
    </ul>
  );
}
