// All rows of a breakdown: more metrics, a search, pages, and a CSV file of everything.

import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { csvOf, download } from "../format/csv";
import { formatCount } from "../format/number";
import { t, tName } from "../i18n/t";
import { useParam } from "../state/params";
import { useSubject } from "../state/subject";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { FormError } from "../ui/Field";
import { Icon } from "../ui/icons";
import { Empty, Failure, Loading, Skeleton } from "../ui/states";
import {
  type Breakdown,
  CAMPAIGNS,
  DEVICES,
  drilled,
  EVENTS,
  GOALS,
  PAGES,
  PLACES,
  SOURCES,
} from "./catalogue";
import { DetailsTable } from "./DetailsTable";
import { fetchRows, useRows } from "./rows";

const PAGE_ROWS = 50;
const SEARCH_PAUSE_MS = 200;

const ALL = [PAGES, SOURCES, PLACES, DEVICES].flatMap((panel) => panel.tabs);

/** Opened and closed by the URL's `details`, so the back button closes it. */
export default function DetailsFromUrl() {
  const [id, setId] = useParam("details", "");
  const { filters } = useSubject().question;
  const found = [...ALL, ...CAMPAIGNS, EVENTS, GOALS].find((breakdown) => breakdown.id === id);
  if (!found) return null;
  return <DetailsDialog key={id} breakdown={drilled(found, filters)} onClose={() => setId("")} />;
}

function DetailsDialog({ breakdown, onClose }: { breakdown: Breakdown; onClose: () => void }) {
  const subject = useSubject();
  const [typed, setTyped] = useState("");
  const [search, setSearch] = useState("");
  const [page, setPage] = useState(0);
  const [order, setOrder] = useState<[string, "asc" | "desc"]>([
    breakdown.metrics[0] ?? "visitors",
    "desc",
  ]);
  useEffect(() => {
    const timer = window.setTimeout(() => {
      setSearch(typed);
      setPage(0);
    }, SEARCH_PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);

  const slice = { search, orderBy: order };
  const { answer, rows } = useRows(breakdown, {
    ...slice,
    limit: PAGE_ROWS,
    offset: page * PAGE_ROWS,
  });
  const total = answer.data?.meta.total_rows;
  const label = tName("dimension", breakdown.dimension);

  const save = useMutation({
    mutationFn: async () => {
      const all = await fetchRows(subject, breakdown, slice);
      const lines = all.map((row) => [row.dimensions[0] ?? "", ...row.metrics]);
      download(
        `${subject.project.domain}-${breakdown.id}.csv`,
        csvOf([label, ...breakdown.metrics], lines),
      );
    },
  });

  return (
    <Dialog
      title={label}
      width="wide"
      onClose={onClose}
      actions={
        <Button
          variant="quiet"
          className="!h-8"
          busy={save.isPending}
          onClick={() => save.mutate()}
        >
          <Icon name="download" />
          CSV
        </Button>
      }
    >
      {save.error && (
        <div className="px-5 pt-3">
          <FormError error={save.error} />
        </div>
      )}
      <div className="flex items-center gap-2 border-line border-b px-5 py-2 text-ink-3">
        <Icon name="search" />
        <input
          type="search"
          data-autofocus=""
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          placeholder={t("details.search")}
          aria-label={t("details.search")}
          className="h-8 min-w-0 flex-1 bg-transparent text-ink outline-none placeholder:text-ink-3"
        />
      </div>
      <div className="min-h-0 flex-1 overflow-auto">
        {answer.isPending ? (
          <Loading>
            <Skeleton className="m-5 h-80" />
          </Loading>
        ) : answer.isError && !answer.data ? (
          <Failure error={answer.error} onRetry={() => answer.refetch()} />
        ) : rows.length === 0 ? (
          <Empty title={t("details.none")} />
        ) : (
          <DetailsTable
            breakdown={breakdown}
            rows={rows}
            stale={answer.isPlaceholderData}
            order={order}
            onOrder={(next) => {
              setOrder(next);
              setPage(0);
            }}
          />
        )}
      </div>
      <Pages page={page} total={total} onPage={setPage} />
    </Dialog>
  );
}

function Pages({
  page,
  total,
  onPage,
}: {
  page: number;
  total: number | undefined;
  onPage: (page: number) => void;
}) {
  if (total === undefined || total === 0) return null;
  const last = Math.ceil(total / PAGE_ROWS) - 1;
  return (
    <footer className="flex items-center gap-2 border-line border-t px-5 py-2 text-ink-3 tabular-nums">
      <span className="mr-auto">
        {t("details.range", {
          from: formatCount(page * PAGE_ROWS + 1),
          to: formatCount(Math.min(total, (page + 1) * PAGE_ROWS)),
          total: formatCount(total),
        })}
      </span>
      <Button
        size="iconSmall"
        variant="quiet"
        aria-label={t("details.previous")}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      >
        <Icon name="chevronLeft" />
      </Button>
      <Button
        size="iconSmall"
        variant="quiet"
        aria-label={t("details.next")}
        disabled={page >= last}
        onClick={() => onPage(page + 1)}
      >
        <Icon name="chevronRight" />
      </Button>
    </footer>
  );
}
