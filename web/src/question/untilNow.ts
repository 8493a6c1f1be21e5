// A period that is not over is compared with the other time up to the same moment: a morning with
// a morning, not with a whole day. Pure: the clock comes in, nothing is fetched.

import type { QueryBody } from "../api/types";
import { addDays, addMonths, daysBetween, type LocalDate, weekday } from "./dates";
import { datesOf } from "./period";
import type { Question } from "./url";

/** A moment on the clocks of the project's zone. */
export interface LocalNow {
  date: LocalDate;
  /** `HH:MM` */
  clock: string;
}

const WEEK_DAYS = 7;

/** The body with its comparison cut off where now is in its period; unchanged where that is over. */
export function untilNow(body: QueryBody, question: Question, now: LocalNow): QueryBody {
  const comparisons = body.include?.comparisons;
  // The last 24 hours end now, and so do those before them 24 hours ago.
  const rolls = question.period.kind === "preset" && question.period.preset === "24h";
  const dates = datesOf(question.period, now.date);
  if (!comparisons || rolls || !dates || now.date < dates[0] || now.date > dates[1]) return body;
  const other = otherDate(question, dates);
  // An empty range is refused: in the first minute of a period the other one has a minute too.
  const clock = now.clock === "00:00" ? "00:01" : now.clock;
  return {
    ...body,
    include: {
      ...body.include,
      comparisons: {
        mode: "custom",
        date_range: [`${other(dates[0])}T00:00:00`, `${other(now.date)}T${clock}:00`],
      },
    },
  };
}

/** Where a date of the period lies in the other time (rule 22 of docs/semantics.md). */
function otherDate(
  { compare, matchWeekday }: Question,
  [from, to]: [LocalDate, LocalDate],
): (date: LocalDate) => LocalDate {
  const days = daysBetween(from, to);
  const moved = (date: LocalDate) =>
    compare === "year_over_year" ? addMonths(date, -12) : addDays(date, -days);
  if (!matchWeekday) return moved;
  const ahead = (weekday(from) - weekday(moved(from)) + WEEK_DAYS) % WEEK_DAYS;
  const nearest = ahead > WEEK_DAYS / 2 ? ahead - WEEK_DAYS : ahead;
  return (date) => addDays(moved(date), nearest);
}
