// A month of days to choose a range from: first press the start, second press the end. Arrow
// keys move between days, Page Up and Page Down between months.

import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { formatDayLong, formatMonth, formatWeekday } from "../format/time";
import { t } from "../i18n/t";
import { addDays, addMonths, type LocalDate, monthGrid, monthStart } from "../question/dates";
import { Button } from "../ui/Button";
import { Icon } from "../ui/icons";

const MOVES: Record<string, (date: LocalDate) => LocalDate> = {
  ArrowLeft: (date) => addDays(date, -1),
  ArrowRight: (date) => addDays(date, 1),
  ArrowUp: (date) => addDays(date, -7),
  ArrowDown: (date) => addDays(date, 7),
  PageUp: (date) => addMonths(date, -1),
  PageDown: (date) => addMonths(date, 1),
};

export default function Calendar({
  initial,
  today,
  onChoose,
}: {
  initial: [LocalDate, LocalDate];
  today: LocalDate;
  onChoose: (from: LocalDate, to: LocalDate) => void;
}) {
  const [start, setStart] = useState<LocalDate | null>(null);
  const [cursor, setCursor] = useState(initial[1] > today ? today : initial[1]);
  const grid = useRef<HTMLTableElement>(null);
  // Also at first, so that arrow keys work at once.
  const moved = useRef(true);
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-date="${cursor}"]`)?.focus();
  }, [cursor]);

  const end = start === null ? initial[1] : cursor;
  const [low, high] = [start ?? initial[0], end].sort() as [LocalDate, LocalDate];
  const choose = (date: LocalDate) => {
    setCursor(date);
    if (start === null) setStart(date);
    else onChoose(...([start, date].sort() as [LocalDate, LocalDate]));
  };
  const onKey = (event: KeyboardEvent) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const next = move(cursor);
    moved.current = true;
    setCursor(next > today ? today : next);
  };
  const turn = (months: number) => {
    const next = addMonths(cursor, months);
    setCursor(next > today ? today : next);
  };

  return (
    <div className="p-1.5">
      <div className="mb-1 flex items-center">
        <p className="mr-auto pl-2 font-medium" aria-live="polite">
          {formatMonth(cursor)}
        </p>
        <Button
          variant="quiet"
          size="iconSmall"
          aria-label={t("calendar.previous")}
          onClick={() => turn(-1)}
        >
          <Icon name="chevronLeft" />
        </Button>
        <Button
          variant="quiet"
          size="iconSmall"
          aria-label={t("calendar.next")}
          disabled={monthStart(cursor) >= monthStart(today)}
          onClick={() => turn(1)}
        >
          <Icon name="chevronRight" />
        </Button>
      </div>
      <table
        ref={grid}
        className="w-full border-collapse text-center tabular-nums"
        onKeyDown={onKey}
      >
        <thead>
          <tr className="text-[11px] text-ink-3">
            {monthGrid(cursor)[0]?.map((date) => (
              <th key={date} className="h-7 font-normal">
                {formatWeekday(date)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {monthGrid(cursor).map((week) => (
            <tr key={week[0]}>
              {week.map((date) => {
                const edge = date === low || date === high;
                const inside = date >= low && date <= high;
                const other = monthStart(date) !== monthStart(cursor);
                return (
                  <td
                    key={date}
                    className={`p-0 ${inside && !other ? "bg-accent-soft" : ""} ${date === low ? "rounded-l-lg" : ""} ${date === high ? "rounded-r-lg" : ""}`}
                  >
                    {!other && (
                      <button
                        type="button"
                        data-date={date}
                        tabIndex={date === cursor ? 0 : -1}
                        disabled={date > today}
                        aria-label={formatDayLong(date)}
                        aria-pressed={inside}
                        onClick={() => choose(date)}
                        className={`size-9 w-full rounded-lg disabled:opacity-35 ${
                          edge ? "bg-accent font-medium text-on-accent" : "enabled:hover:bg-sunken"
                        } ${date === today && !edge ? "font-semibold text-accent-ink" : ""}`}
                      >
                        {Number(date.slice(8))}
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="px-2 pt-1.5 text-[12px] text-ink-3" role="status">
        {start === null ? t("calendar.start") : t("calendar.end")}
      </p>
    </div>
  );
}
